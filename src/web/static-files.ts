import { createHash } from 'node:crypto'
import { realpath, readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

export interface StaticFile {
  body: Buffer
  headers: { 'Content-Type': string; 'Cache-Control': string; ETag: string }
}

/** What the built user interface consists of; a file of any other kind is not served. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
}

/** Names that the build derives from the content, such as `assets/index-B1x9_kQz.js`. */
const HASHED = /^\/assets\/[^/]+-[\w-]{8}\.\w+$/

/**
 * Reads a file of the built user interface by the path of an address; `/` is its page. Null when there
 * is no such file or it lies outside `dir`, by dots or by link.
 */
export async function readStatic(dir: string, pathname: string): Promise<StaticFile | null> {
  const path = decodePath(pathname)
  if (path === null) return null
  const type = CONTENT_TYPES[extname(path)]
  if (type === undefined) return null
  try {
    const root = await realpath(dir)
    const file = await realpath(join(root, path))
    if (!file.startsWith(root + sep)) return null
    const body = await readFile(file)
    return {
      body,
      headers: {
        'Content-Type': type,
        'Cache-Control': HASHED.test(path) ? 'private, max-age=31536000, immutable' : 'no-cache',
        ETag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
      },
    }
  } catch {
    return null
  }
}

function decodePath(pathname: string): string | null {
  try {
    const path = decodeURIComponent(pathname)
    if (path.includes('\0') || path.includes('\\') || path.split('/').includes('..')) return null
    return path === '/' ? '/index.html' : path
  } catch {
    return null
  }
}
