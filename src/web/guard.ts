import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/**
 * Names under which a browser may reach the loopback address. A page of another site whose name was
 * made to point at 127.0.0.1 sends that name and is refused; the port is free, so that a tunnel works.
 */
const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i

/** The request's Host when it names the loopback, otherwise null. */
export function loopbackHost(request: IncomingMessage): string | null {
  const host = request.headers.host ?? ''
  return LOOPBACK_HOST.test(host) ? host.toLowerCase() : null
}

/** Whether the request comes from a page of this host. A navigation by the person has no origin. */
export function sameOrigin(request: IncomingMessage, host: string): boolean {
  const { origin } = request.headers
  if (origin !== undefined) return origin.toLowerCase() === `http://${host}`
  return request.headers.upgrade === undefined
}

/** The value of a cookie of the request, or null. */
export function cookieOf(request: IncomingMessage, name: string): string | null {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return null
}

/** Compares secrets in a time that does not depend on where they differ. */
export function sameSecret(given: string | null, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return given !== null && timingSafeEqual(digest(given), digest(expected))
}

/** Path and query of the request, or null when it asks for something that is no path. */
export function requestedUrl(request: IncomingMessage): URL | null {
  const target = request.url ?? ''
  // To a URL a backslash is a slash, and two of them begin a host.
  const isPath = /^\/(?![/\\])/.test(target) && URL.canParse(target, 'http://localhost')
  return isPath ? new URL(target, 'http://localhost') : null
}
