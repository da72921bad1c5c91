import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface Ran {
  code: number | null
  stdout: string
  stderr: string
}

interface RunOptions {
  input?: Uint8Array | string
  env?: Record<string, string>
  /** Folder the command runs in; that of the checkout unless given. */
  cwd?: string
  /** Called once the process runs. */
  onStart?: (child: ChildProcess) => Promise<void>
}

const ROOT = join(import.meta.dirname, '../..')
const CLI = join(ROOT, 'src/cli/index.ts')

/** Runs `cairn` as a shell would, with pipes for all three streams. */
export async function cairn(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return run(process.execPath, [CLI, ...args], options)
}

/** Runs a shell line; `cairn` in it is this checkout's. */
export async function shell(line: string, env: Record<string, string> = {}): Promise<Ran> {
  const defined = `cairn() { "${process.execPath}" "${CLI}" "$@"; }; ${line}`
  return run('bash', ['-c', defined], { env })
}

async function run(
  command: string,
  args: readonly string[],
  { input, env = {}, cwd = ROOT, onStart }: RunOptions,
): Promise<Ran> {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: 'pipe' })
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const closed = once(child, 'close')
  await onStart?.(child)
  const [code] = (await closed) as [number | null]
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }
}
