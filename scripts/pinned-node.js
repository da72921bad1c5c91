import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

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
