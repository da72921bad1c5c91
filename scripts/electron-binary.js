import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { ROOT } from './pinned-node.js'

const PACKAGE = join(ROOT, 'node_modules/electron')
/** How long the first byte of a download may take. */
const FIRST_BYTE_MS = 3_000

/** Path of Electron's binary, or null when it has not been downloaded. */
export function electronBinary() {
  try {
    const name = readFileSync(join(PACKAGE, 'path.txt'), 'utf8')
    const path = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(PACKAGE, 'dist'), name)
    return existsSync(path) ? path : null
  } catch {
    return null
  }
}

/** Why no window can open on this machine whatever is installed, or null. */
export function whyNoWindow({
  platform = process.platform,
  env = process.env,
  uid = process.getuid?.(),
} = {}) {
  if (platform !== 'linux') return null
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return 'there is no display'
  if (uid === 0) return 'Electron’s sandbox does not run for root'
  return null
}

/**
 * Downloads Electron's binary with Electron's own downloader, into its own cache.
 * @throws Error when the first byte does not come in time or the download fails
 */
export async function downloadElectron() {
  const require = createRequire(join(PACKAGE, 'package.json'))
  const { version } = require('./package.json')
  const { downloadArtifact } = await import(pathToFileURL(require.resolve('@electron/get')).href)
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), FIRST_BYTE_MS)
  try {
    await downloadArtifact({
      version,
      artifactName: 'electron',
      platform: process.platform,
      arch: process.arch,
      checksums: require('./checksums.json'),
      downloadOptions: { signal: late.signal, getProgressCallback: async () => clearTimeout(timer) },
    })
  } catch (error) {
    const why = late.signal.aborted ? 'its download does not begin' : `its download fails (${reason(error)})`
    throw new Error(why, { cause: error })
  } finally {
    clearTimeout(timer)
  }
  // What was downloaded lies in the cache, from which Electron's own script unpacks it.
  const { status } = spawnSync(process.execPath, [join(PACKAGE, 'install.js')], { stdio: 'ignore' })
  if (status !== 0 || electronBinary() === null) throw new Error('it cannot be unpacked')
}

function reason(error) {
  return error.cause?.code ?? error.cause?.message ?? error.message
}
