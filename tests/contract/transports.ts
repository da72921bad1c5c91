import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { WebSocket } from 'ws'
import { workerChannel } from '#engine/channels.ts'
import type { Engine } from '#engine/create-engine.ts'
import { memoryChannel, type Channel } from '#shared/rpc/channel.ts'
import { socketChannel } from '#shared/rpc/socket-channel.ts'
import { startWebHost, type WebHost } from '#web/host.ts'

/** A way from clients to a server, opened. */
export interface Link {
  /** A new client's end of a channel whose other end is attached to the server. */
  client(): Promise<Channel>
  close(): Promise<void>
}

export interface Transport {
  name: string
  open(attach: Engine['attach']): Promise<Link>
}

/** Every transport that a host uses; the contract holds over each. */
export const TRANSPORTS: readonly Transport[] = [
  {
    name: 'memory',
    open: async (attach) => ({
      client: async () => {
        const [near, far] = memoryChannel()
        attach(far)
        return near
      },
      close: async () => undefined,
    }),
  },
  {
    name: 'MessagePort',
    open: async (attach) => {
      const opened: Channel[] = []
      return {
        client: async () => {
          const { port1, port2 } = new MessageChannel()
          attach(workerChannel(port1))
          const near = workerChannel(port2)
          opened.push(near)
          return near
        },
        close: async () => {
          for (const channel of opened) channel.close()
        },
      }
    },
  },
  {
    name: 'WebSocket',
    open: async (attach) => {
      const { host, dispose } = await openWebHost(attach)
      const cookie = await logIn(host)
      return {
        client: async () => socketChannel(openSocket(host, { cookie })),
        close: dispose,
      }
    },
  },
]

/** A web host on a small user interface in a folder of its own. */
export async function openWebHost(
  attach: Engine['attach'],
): Promise<{ host: WebHost; folder: string; dispose: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-web-'))
  const rendererDir = join(folder, 'renderer')
  mkdirSync(join(rendererDir, 'assets'), { recursive: true })
  writeFileSync(join(folder, 'secret.json'), '{"secret":true}')
  writeFileSync(join(rendererDir, 'index.html'), '<!doctype html><title>Cairn</title>')
  writeFileSync(join(rendererDir, 'assets/index-B1x9_kQz.js'), 'export {}')
  const host = await startWebHost({ engine: { attach }, rendererDir, port: 0 })
  return {
    host,
    folder,
    dispose: async () => {
      await host.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** The cookie that a browser gets for the printed address. */
export async function logIn(host: WebHost): Promise<string> {
  const response = await fetch(host.url)
  return (response.headers.get('set-cookie') ?? '').split(';')[0]!
}

export function openSocket(
  host: WebHost,
  headers: { cookie?: string; origin?: string; host?: string },
): WebSocket {
  const { origin = `http://127.0.0.1:${host.port}`, ...others } = headers
  return new WebSocket(`ws://127.0.0.1:${host.port}/rpc`, { origin, headers: others })
}
