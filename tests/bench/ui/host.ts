import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'

const ROOT = join(import.meta.dirname, '../../..')

export interface Host {
  readonly url: string
  close(): Promise<void>
}

/**
 * Starts the built app in a process of its own and waits for its address.
 * @throws Error when it ends without one
 */
export async function startHost(command: readonly string[]): Promise<Host> {
  const child = spawn(command[0]!, command.slice(1), {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'ignore'],
    // A group of its own, so that what npm started ends with it.
    detached: true,
  })
  const url = await address(child)
  return {
    url,
    async close() {
      process.kill(-child.pid!, 'SIGTERM')
      // npm is gone before what it started has let go of the workspace.
      while (isAlive(-child.pid!)) await setTimeout(20)
    },
  }
}

function isAlive(group: number): boolean {
  try {
    return process.kill(group, 0)
  } catch {
    return false
  }
}

async function address(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! }))
    if (line.startsWith('http://')) return line
  throw new Error(`"${child.spawnargs.join(' ')}" ended without serving.`)
}

/** The command that serves a workspace as `npm run cairn -- serve` does, once everything is built. */
export const serveCommand = (workspace: string) => [
  process.execPath,
  join(ROOT, 'out/main/cli.js'),
  'serve',
  '--workspace',
  workspace,
]

/** Milliseconds that a command takes to its end. */
export async function durationOf(command: readonly string[]): Promise<number> {
  const started = performance.now()
  const child = spawn(command[0]!, command.slice(1), { cwd: ROOT, stdio: 'ignore' })
  await once(child, 'exit')
  return performance.now() - started
}
