import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { request, type IncomingHttpHeaders } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { CairnError } from '#shared/errors.ts'
import { connect } from '#shared/rpc/client.ts'
import { encode } from '#shared/rpc/codec.ts'
import { serve } from '#shared/rpc/server.ts'
import { socketChannel } from '#shared/rpc/socket-channel.ts'
import { startWebHost, type WebHost } from '#web/host.ts'
import { odd, oddHandlers } from './odd-contract.ts'
import { logIn, openSocket, openWebHost } from './transports.ts'

const attach = (channel: Parameters<typeof serve>[2]) => serve(odd, oddHandlers, channel)

let host: WebHost
let folder: string
let dispose: () => Promise<void>
let cookie: string

beforeAll(async () => {
  ;({ host, folder, dispose } = await openWebHost(attach))
  cookie = await logIn(host)
})
afterAll(() => dispose())

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** A request whose path and headers go out exactly as given. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((done, fail) => {
    const asked = request({ host: '127.0.0.1', port: host.port, path, method, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => {
        done({ status: response.statusCode ?? 0, headers: response.headers, body })
      })
    })
    asked.on('error', fail)
    asked.end()
  })
}

/** The HTTP status with which an upgrade is refused, or 101. */
function upgrade(socket: WebSocket): Promise<number> {
  return new Promise((done) => {
    socket.on('error', () => undefined)
    socket.on('open', () => {
      socket.close()
      done(101)
    })
    socket.on('unexpected-response', (_request, response) => {
      response.resume()
      done(response.statusCode ?? 0)
    })
  })
}

const works = async (): Promise<boolean> => {
  const client = connect<typeof odd, object>(socketChannel(openSocket(host, { cookie })))
  const sum = await client.call('odd.sum', { a: 1, b: 2 })
  client.close()
  return sum === 3
}

describe('the way in', () => {
  it.each(['/\\[', '/\\', '//[', '/\\elsewhere/socket', '*', 'http://[', '//'])(
    'refuses %s, which is no path, and goes on',
    async (target) => {
      expect((await ask(target)).status).toBe(400)
      const refused = connectTcp(host.port, '127.0.0.1')
      const asked = `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`
      refused.write(`${asked}Origin: http://127.0.0.1\r\n\r\n`)
      const [line] = (await once(refused, 'data')) as [Buffer]
      expect(line.toString()).toMatch(/^HTTP\/1\.1 40[04] /)
      refused.destroy()
      expect(await works()).toBe(true)
    },
  )

  it('exchanges the token for a strict, hidden cookie and goes on to the app', async () => {
    const { pathname, search } = new URL(host.url)
    const { status, headers, body } = await ask(pathname + search)
    expect(status).toBe(200)
    expect(headers['set-cookie']).toHaveLength(1)
    expect(headers['set-cookie']![0]).toMatch(/^cairn-[\w-]+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(body).toContain('url=./')
  })

  it('serves the app to the cookie, again and again', async () => {
    for (let reload = 0; reload < 3; reload++) {
      const { status, body } = await ask('/', { cookie })
      expect(status).toBe(200)
      expect(body).toContain('<title>Cairn</title>')
    }
  })

  it.each([
    ['no cookie', {}],
    ['a wrong cookie', { cookie: 'cairn-12345678=nope' }],
    ['the right name with a wrong value', null],
  ])('answers 401 to %s, saying what to do', async (_, headers) => {
    const wrong = { cookie: `${cookie.split('=')[0]!}=${'x'.repeat(43)}` }
    const { status, body } = await ask('/', headers ?? wrong)
    expect(status).toBe(401)
    expect(body).toContain('Open the one that Cairn printed')
  })

  it('refuses a wrong token', async () => {
    const { status, headers } = await ask(`/?token=${'x'.repeat(43)}`)
    expect(status).toBe(401)
    expect(headers['set-cookie']).toBeUndefined()
  })

  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '0.0.0.0',
    '10.0.0.7',
  ])('refuses the host "%s", even with the cookie', async (name) => {
    expect((await ask('/', { cookie, host: name })).status).toBe(403)
  })

  it('accepts the loopback by any port, as at the end of a tunnel', async () => {
    expect((await ask('/', { cookie, host: 'localhost:9999' })).status).toBe(200)
  })

  it.each(['http://evil.example', 'null', 'http://127.0.0.1:1', 'file://'])(
    'refuses the origin %s',
    async (origin) => {
      expect((await ask('/', { cookie, origin })).status).toBe(403)
    },
  )

  it('gives each launch a token of its own', async () => {
    const other = await openWebHost(attach)
    expect(new URL(other.host.url).search).not.toBe(new URL(host.url).search)
    expect((await fetch(other.host.url.replace(/\?.*/, ''), { headers: { cookie } })).status).toBe(401)
    await other.dispose()
  })

  it('listens on the loopback only', async () => {
    const outer = Object.values(networkInterfaces())
      .flat()
      .find((address) => address && !address.internal && address.family === 'IPv4')
    if (!outer) return
    const outcome = await new Promise((done) => {
      const socket = connectTcp(host.port, outer.address)
      socket.on('connect', () => {
        done('connected')
      })
      socket.on('error', () => {
        done('refused')
      })
    })
    expect(outcome).toBe('refused')
  })
})

describe('files', () => {
  it('puts a strict policy and the security headers on every answer', async () => {
    for (const path of ['/', '/assets/index-B1x9_kQz.js', '/missing.js']) {
      const { headers } = await ask(path, { cookie })
      const policy = headers['content-security-policy'] as string
      expect(policy).toContain("default-src 'none'")
      expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe|\*/)
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      })
    }
  })

  it('lets the page connect to this host only', async () => {
    const { headers } = await ask('/', { cookie, host: 'localhost:8123' })
    expect(headers['content-security-policy']).toContain("connect-src 'self' ws://localhost:8123;")
  })

  it('keeps hashed assets for good and asks anew for the page', async () => {
    const asset = await ask('/assets/index-B1x9_kQz.js', { cookie })
    expect(asset.headers['content-type']).toBe('text/javascript; charset=utf-8')
    expect(asset.headers['cache-control']).toContain('immutable')
    const page = await ask('/', { cookie })
    expect(page.headers['cache-control']).toBe('no-cache')
    expect((await ask('/', { cookie, 'if-none-match': page.headers.etag! })).status).toBe(304)
  })

  it.each([
    '/../secret.json',
    '/..%2fsecret.json',
    '/%2e%2e/secret.json',
    '/assets/..%2f..%2fsecret.json',
    '/..%5csecret.json',
    '/assets/%00.js',
    '/%',
    '/link.json',
    '/assets',
    '//etc/hosts.json',
    '/index.html/',
    '/etc/passwd',
  ])('does not leave its folder for %s', async (path) => {
    try {
      symlinkSync(join(folder, 'secret.json'), join(folder, 'renderer/link.json'))
    } catch {
      // made by the case before
    }
    const { status, body } = await ask(path, { cookie })
    expect([400, 404]).toContain(status)
    expect(body).not.toContain('secret')
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('does not take %s', async (method) => {
    expect((await ask('/', { cookie }, method)).status).toBe(405)
  })

  it('answers HEAD without a body', async () => {
    const { status, body, headers } = await ask('/', { cookie }, 'HEAD')
    expect({ status, body }).toEqual({ status: 200, body: '' })
    expect(Number(headers['content-length'])).toBeGreaterThan(0)
  })
})

describe('the socket', () => {
  it('opens to the cookie from its own page', async () => {
    expect(await upgrade(openSocket(host, { cookie }))).toBe(101)
  })

  it.each([
    ['without the cookie', () => ({}), 401],
    ['with a wrong cookie', () => ({ cookie: `${cookie}x` }), 401],
    ['from another origin', () => ({ cookie, origin: 'http://evil.example' }), 403],
    ['from another port of the loopback', () => ({ cookie, origin: 'http://127.0.0.1:1' }), 403],
    ['under another name', () => ({ cookie, host: 'evil.example', origin: 'http://evil.example' }), 403],
  ])('stays shut %s', async (_, headers, status) => {
    expect(await upgrade(openSocket(host, headers()))).toBe(status)
  })

  it('stays shut to clients that send no origin', async () => {
    const answer = await ask('/rpc', {
      cookie,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
    })
    expect(answer.status).toBe(403)
  })

  const frame = (bodyText: string, placedText: string): Buffer => {
    const json = Buffer.from(`[${bodyText},${placedText}]`)
    const bytes = Buffer.alloc(4 + json.length)
    bytes.writeUInt32LE(json.length)
    json.copy(bytes, 4)
    return bytes
  }
  it.each<[string, Buffer | string]>([
    ['random bytes', randomBytes(4096)],
    ['no bytes', Buffer.alloc(0)],
    ['three bytes', Buffer.from([1, 2, 3])],
    ['a length past the end', Buffer.from([255, 255, 255, 255, 0])],
    ['text', '{"t":"q","m":"call","a":[]}'],
    ['invalid UTF-8', Buffer.from([4, 0, 0, 0, 0xff, 0xfe, 0xfd, 0xfc])],
    ['JSON that is no pair', frame('null', '7')],
    [
      'a place that is none',
      frame('{}', '[{"path":["a","b","c"],"type":"Uint8Array","offset":0,"length":1}]'),
    ],
    ['an array of no known type', frame('{}', '[{"path":["a"],"type":"constructor","offset":0,"length":1}]')],
    ['an array past the end', frame('{}', '[{"path":["a"],"type":"Float64Array","offset":0,"length":1e9}]')],
    [
      'a path into the prototype',
      frame('{}', '[{"path":["__proto__","polluted"],"type":"Uint8Array","offset":0,"length":0}]'),
    ],
    [
      'a path into the constructor',
      frame(
        '{}',
        '[{"path":["constructor","prototype","polluted"],"type":"Uint8Array","offset":0,"length":0}]',
      ),
    ],
    ['a message of no kind', Buffer.from(encode({ hello: 1 }))],
    ['a call of another function', Buffer.from(encode({ t: 'q', m: 'constructor', a: [], i: 'x' }))],
    ['a call without arguments', Buffer.from(encode({ t: 'q', m: 'call', i: 'x' }))],
    [
      'a call with odd arguments',
      Buffer.from(encode({ t: 'q', m: 'call', a: [{ x: 1 }, 2, 3], i: { y: 1 } })),
    ],
    ['an answer to no question', Buffer.from(encode({ t: 's', i: 'x', r: 1 }))],
    ['nested past the stack', Buffer.from(frame('['.repeat(200_000) + ']'.repeat(200_000), '[]'))],
    ['more than the payload limit', Buffer.alloc(64 * 1024 * 1024 + 1)],
  ])('survives %s', async (_, bytes) => {
    const socket = openSocket(host, { cookie })
    socket.on('error', () => undefined)
    await new Promise((done) => socket.once('open', done))
    socket.send(bytes)
    const closed = new Promise((done) => socket.once('close', done))
    const answered = new Promise((done) => setTimeout(done, 50))
    await Promise.race([closed, answered])
    socket.terminate()
    expect(await works()).toBe(true)
    const polluted = 'polluted' in {}
    Reflect.deleteProperty(Object.prototype, 'polluted')
    expect(polluted).toBe(false)
  })

  it('survives a client that breaks the protocol below the messages', async () => {
    const raw = connectTcp(host.port, '127.0.0.1')
    const key = randomBytes(16).toString('base64')
    raw.on('error', () => undefined)
    raw.write(
      `GET /rpc HTTP/1.1\r\nHost: 127.0.0.1:${host.port}\r\nOrigin: http://127.0.0.1:${host.port}\r\nCookie: ${cookie}\r\n` +
        `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    )
    await new Promise((done) => raw.once('data', done))
    raw.write(randomBytes(1000))
    await new Promise((done) => raw.once('close', done))
    expect(await works()).toBe(true)
  })
})

describe('the host', () => {
  it('says what to do when the port is taken', async () => {
    const start = startWebHost({ engine: { attach }, rendererDir: join(folder, 'renderer'), port: host.port })
    await expect(start).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('--port') as string,
    })
  })

  it('says what to do when the user interface is not built', async () => {
    const start = startWebHost({ engine: { attach }, rendererDir: join(folder, 'nowhere'), port: 0 })
    await expect(start).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('npm run build') as string,
    })
  })

  it('takes no token that could be guessed or break a header', async () => {
    for (const token of ['short', 'a'.repeat(20) + ';', 'ä'.repeat(20)])
      await expect(
        startWebHost({ engine: { attach }, rendererDir: join(folder, 'renderer'), port: 0, token }),
      ).rejects.toBeInstanceOf(CairnError)
  })

  it('lets every client go when it closes', async () => {
    const other = await openWebHost(attach)
    const own = await logIn(other.host)
    const client = connect<typeof odd, object>(socketChannel(openSocket(other.host, { cookie: own })))
    await client.call('odd.sum', { a: 1, b: 1 })
    const waiting = client.call('odd.never', {})
    const outcome = expect(waiting).rejects.toMatchObject({ code: 'disconnected' })
    const started = Date.now()
    await other.dispose()
    await outcome
    expect(Date.now() - started).toBeLessThan(2_000)
  })
})
