import { contentSecurityPolicy, SECURITY_HEADERS } from '#web/content-security.ts'
import { readStatic } from '#web/static-files.ts'

const SCHEME = 'app'
const HOST = 'cairn'

/** Address of the user interface. */
export const APP_URL = `${SCHEME}://${HOST}/`

/** To be registered before Electron is ready: the scheme then has an origin of its own, as https has. */
export const APP_SCHEME = {
  scheme: SCHEME,
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
}

/** Whether an address belongs to the user interface. */
export function isAppUrl(url: string): boolean {
  return url.startsWith(APP_URL)
}

/** Answers the scheme with the files of the built user interface, and with nothing else. */
export function appProtocol(rendererDir: string): (request: Request) => Promise<Response> {
  const headers = { ...SECURITY_HEADERS, 'Content-Security-Policy': contentSecurityPolicy() }
  return async (request) => {
    const url = new URL(request.url)
    if (url.host !== HOST || request.method !== 'GET') return new Response('', { status: 403, headers })
    const file = await readStatic(rendererDir, url.pathname)
    if (file === null) return new Response('', { status: 404, headers })
    return new Response(new Uint8Array(file.body), { headers: { ...headers, ...file.headers } })
  }
}
