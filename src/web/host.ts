import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Engine } from '#engine/create-engine.ts'
import { CairnError } from '#shared/errors.ts'
import { loopbackHost, requestedUrl, sameOrigin } from './guard.ts'
import { createPages, hasSession } from './pages.ts'
import { serverChannel } from './socket-channel.ts'

export interface WebHostOptions {
  engine: Pick<Engine, 'attach'>
  /** Built user interface. */
  rendererDir: string
  /** 0 takes any free port. */
  port: number
  /** Secret of this launch, 16 or more of `A–Z a–z 0–9 _ -`; a fresh one unless given. */
  token?: string
}

export interface WebHost {
  /** Address to open, with the token; good for any number of tabs until the host closes. */
  readonly url: string
  readonly port: number
  /** Lets every client go and frees the port. */
  close(): Promise<void>
}

/** Largest message from a client: mended records and long notes, with room. */
const MAX_PAYLOAD = 64 * 1024 * 1024
const SOCKET_PATH = '/rpc'
const MAX_PORT = 65_535
/** WebSocket close code of a server that stops. */
const GOING_AWAY = 1001

/**
 * Serves the user interface and the engine's API to browsers on this machine (or at the end of a
 * tunnel to it). Listens on 127.0.0.1 only; whoever lacks the token gets nothing.
 * @throws CairnError `not_found` when the user interface is not built, `conflict` when the port is taken,
 *   `bad_request` for a token or port that cannot be used
 */
export async function startWebHost({
  engine,
  rendererDir,
  port,
  token = randomBytes(32).toString('base64url'),
}: WebHostOptions): Promise<WebHost> {
  if (!existsSync(join(rendererDir, 'index.html')))
    throw new CairnError(
      'not_found',
      `The user interface is not built in ${rendererDir}: run "npm run build".`,
    )
  if (!/^[\w-]{16,}$/.test(token))
    throw new CairnError(
      'bad_request',
      'The token must hold at least 16 characters out of A–Z, a–z, 0–9, _ and -.',
    )
  if (!Number.isInteger(port) || port < 0 || port > MAX_PORT)
    throw new CairnError(
      'bad_request',
      `There is no port ${port}. Choose one from 1 to ${MAX_PORT} with --port, or --port 0 for any free one.`,
      { port },
    )
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PAYLOAD,
    perMessageDeflate: false,
    clientTracking: true,
  })
  const pages = createPages({ rendererDir, token })
  const server = createServer((request, response) => void pages(request, response))
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const refusal = refuse(request, token)
    if (refusal !== null) {
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (accepted) => {
      engine.attach(serverChannel(accepted))
    })
  })
  const bound = await listen(server, port)
  return {
    url: `http://127.0.0.1:${bound}/?token=${token}`,
    port: bound,
    close: () =>
      new Promise((done) => {
        for (const socket of sockets.clients) socket.close(GOING_AWAY, 'Cairn was closed')
        server.close(() => done())
        server.closeIdleConnections()
        setTimeout(() => {
          for (const socket of sockets.clients) socket.terminate()
          server.closeAllConnections()
        }, 500).unref()
      }),
  }
}

/** Status line for an upgrade that is refused, or null. */
function refuse(request: IncomingMessage, token: string): string | null {
  const host = loopbackHost(request)
  if (host === null) return '403 Forbidden'
  if (!sameOrigin(request, host)) return '403 Forbidden'
  if (requestedUrl(request)?.pathname !== SOCKET_PATH) return '404 Not Found'
  return hasSession(request, token) ? null : '401 Unauthorized'
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE'
      const message = taken
        ? `Port ${port} is taken. Choose another with --port, or --port 0 for any free one.`
        : `Cannot listen on port ${port}: ${cause.message}`
      fail(new CairnError(taken ? 'conflict' : 'bad_request', message, { port }, { cause }))
    })
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      done(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}
