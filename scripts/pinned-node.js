import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The oldest Node that the native packages run on. */
const OLDEST = 22

/**
 * The Node to run Cairn with: this process's own when it is recent enough, otherwise the project's.
 * @throws Error when neither is there
 */
export function cairnNode() {
  if (Number(process.versions.node.split('.')[0]) >= OLDEST) return process.execPath
  const pinned = ['node', 'node.exe']
    .map((name) => join(ROOT, 'node_modules/node/bin', name))
    .find(existsSync)
  if (pinned) return pinned
  throw new Error(
    `Cairn needs Node ${OLDEST} or newer (this is ${process.versions.node}): run "npm install", which brings one.`,
  )
}

/**
 * Runs Cairn's command line, in this process where its Node allows. What V8 makes of the code is kept,
 * which takes a fifth of a second off every start but the first.
 * @throws Error when it is not built
 */
export async function runCli(args) {
  const entry = join(ROOT, 'out/main/cli.js')
  if (!existsSync(entry))
    throw new Error('nothing is built yet: run "npm run build" first (or use "npm run cairn -- …").')
  // By name too, for threads and processes that are started from here.
  process.env.NODE_COMPILE_CACHE ??= join(ROOT, '.cache/v8')
  const node = cairnNode()
  if (node !== process.execPath) return become(node, [entry, ...args])
  module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE)
  process.argv.splice(1, Infinity, entry, ...args)
  await import(pathToFileURL(entry).href)
}

/** Runs a program on this terminal and becomes its outcome: signals go down, the exit code comes up. */
export function become(command, args, options = {}) {
  const child = spawn(command, args, { stdio: 'inherit', ...options })
  // Ctrl+C reaches the child by itself; this process waits for what the child makes of it.
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  return new Promise((done) => {
    child.on('error', (error) => {
      console.error(`cairn: ${error.message}`)
      process.exitCode = 1
      done()
    })
    child.on('exit', (code, signal) => {
      process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1)
      done()
    })
  })
}
