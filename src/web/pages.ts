import type { IncomingMessage, ServerResponse } from 'node:http'
import { contentSecurityPolicy, SECURITY_HEADERS } from './content-security.ts'
import { cookieOf, loopbackHost, requestedUrl, sameOrigin, sameSecret } from './guard.ts'
import { readStatic } from './static-files.ts'

/**
 * Browsers share cookies between the ports of a host, so each launch has its own name: two hosts at
 * once must not log each other out.
 */
const cookieName = (token: string) => `cairn-${token.slice(0, 8)}`

/** Whether the request carries the cookie that the token was exchanged for. */
export function hasSession(request: IncomingMessage, token: string): boolean {
  return sameSecret(cookieOf(request, cookieName(token)), token)
}

/** Answers plain HTTP: the exchange of the token for a cookie, and the files of the user interface. */
export function createPages({
  rendererDir,
  token,
}: {
  rendererDir: string
  token: string
}): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const send = (status: number, headers: Record<string, string>, body: string | Buffer) => {
      response.writeHead(status, {
        ...SECURITY_HEADERS,
        ...headers,
        'Content-Length': Buffer.byteLength(body),
      })
      response.end(request.method === 'HEAD' ? undefined : body)
    }
    const page = (status: number, text: string, headers: Record<string, string> = {}) => {
      const policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
      const type = { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' }
      send(status, { ...type, 'Content-Security-Policy': policy, ...headers }, text)
    }

    const host = loopbackHost(request)
    if (host === null) return page(403, plain('Cairn answers only on the address it printed.'))
    if (!sameOrigin(request, host)) return page(403, plain('Cairn answers only its own pages.'))
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return page(405, plain('Cairn serves files only.'), { Allow: 'GET, HEAD' })

    const address = requestedUrl(request)
    if (address === null) return page(400, plain('Cairn serves paths only.'))
    const given = address.searchParams.get('token')
    if (given !== null && address.pathname === '/' && sameSecret(given, token))
      return page(200, FORWARD, {
        'Set-Cookie': `${cookieName(token)}=${token}; Path=/; HttpOnly; SameSite=Strict`,
      })
    if (!hasSession(request, token))
      return page(
        401,
        plain('This link is not valid any more. Open the one that Cairn printed when it started.'),
      )

    const file = await readStatic(rendererDir, address.pathname)
    if (file === null) return page(404, plain('There is no such file.'))
    const headers = { ...file.headers, 'Content-Security-Policy': contentSecurityPolicy([`ws://${host}`]) }
    if (request.headers['if-none-match'] === file.headers.ETag) {
      response.writeHead(304, { ...SECURITY_HEADERS, ...headers })
      response.end()
    } else send(200, headers, file.body)
  }
}

/**
 * Goes on to the app by a page instead of a redirect: a link opened from another site starts a chain
 * in which browsers withhold strict cookies, and this page begins a new one.
 */
const FORWARD = '<!doctype html><meta http-equiv="refresh" content="0;url=./"><title>Cairn</title>'

function plain(text: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Cairn</title><p>${text}</p></html>`
}
