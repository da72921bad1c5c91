import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { ROOT, cairnNode } from './pinned-node.js'

const SOURCES = ['src', 'electron.vite.config.ts', 'package.json', 'package-lock.json']
const BUILT = ['out/main/index.js', 'out/main/cli.js', 'out/preload/index.cjs', 'out/renderer/index.html']

/**
 * Builds when a source is newer than what is built. Says nothing unless it takes a while on a
 * terminal, or fails.
 * @throws Error with the build's own output
 */
export function buildIfNeeded() {
  if (newest(SOURCES.map((path) => join(ROOT, path))) < oldestBuilt()) return
  if (process.stderr.isTTY) process.stderr.write('Building Cairn…')
  const builder = join(ROOT, 'node_modules/electron-vite/bin/electron-vite.js')
  const { status, error, stdout, stderr } = spawnSync(cairnNode(), [builder, 'build', '--logLevel', 'warn'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  if (error) throw error
  if (status !== 0) throw new Error(`the build failed:\n${stdout}${stderr}`)
}

/** Time of the latest change in files and folders; a folder's own time tells of files removed from it. */
function newest(paths) {
  let latest = 0
  for (const path of paths) {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (!stats) continue
    latest = Math.max(latest, stats.mtimeMs)
    if (stats.isDirectory())
      latest = Math.max(latest, newest(readdirSync(path).map((name) => join(path, name))))
  }
  return latest
}

function oldestBuilt() {
  const times = BUILT.map((path) => statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs ?? 0)
  return Math.min(...times)
}
