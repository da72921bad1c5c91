import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { ROOT, cairnNode } from './pinned-node.js'

const SOURCES = ['src', 'electron.vite.config.ts', 'package.json', 'package-lock.json']
const BUILT = ['out/main/index.js', 'out/main/cli.js', 'out/preload/index.cjs', 'out/renderer/index.html']
const LOCK = join(ROOT, '.cache/build.lock')

/**
 * Builds when a source is newer than what is built; one process at a time, the others wait for it.
 * Says nothing unless it builds on a terminal, or fails.
 * @throws Error with the build's own output
 */
export function buildIfNeeded() {
  if (isCurrent()) return
  takeLock()
  try {
    if (!isCurrent()) build()
  } finally {
    rmSync(LOCK, { force: true })
  }
}

function build() {
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

function isCurrent() {
  return newest(SOURCES.map((path) => join(ROOT, path))) < oldestBuilt()
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

/** Waits until no living process builds, and keeps others from it until the lock is removed. */
function takeLock() {
  mkdirSync(dirname(LOCK), { recursive: true })
  for (;;) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' })
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (isHeld()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    else rmSync(LOCK, { force: true })
  }
}

function isHeld() {
  try {
    const holder = Number(readFileSync(LOCK, 'utf8'))
    // Empty between being made and being written.
    return holder === 0 || process.kill(holder, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}
