import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Told } from './child.ts'

/** What a host process had acknowledged when it ended. */
export interface Acknowledged {
  traces: number
  classified: number
  labelled: number
  inference: number | null
  opened: boolean
  done: boolean
}

const ENTRY = join(import.meta.dirname, 'child.ts')

/** When a host is killed: so many milliseconds after its start, or after it tells of something first. */
export interface Kill {
  after: 'start' | 'opened' | 'inference'
  ms: number
}

/** Runs the host of `child.ts`; kills it at the given moment unless it is done before. */
export async function runHost(
  workspace: string,
  files: readonly string[],
  kill: Kill | null,
  onTold: (told: Told) => void = () => undefined,
): Promise<Acknowledged> {
  const child = fork(ENTRY, [workspace, ...files], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const acknowledged: Acknowledged = {
    traces: 0,
    classified: 0,
    labelled: 0,
    inference: null,
    opened: false,
    done: false,
  }
  let complaints = ''
  let timer: NodeJS.Timeout | null = null
  const arm = () => (timer ??= setTimeout(() => child.kill('SIGKILL'), kill!.ms))
  if (kill?.after === 'start') arm()
  child.stderr!.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  child.on('message', (told: Told) => {
    Object.assign(acknowledged, told)
    if (kill !== null && kill.after in told) arm()
    onTold(told)
  })
  const signal = await exited(child)
  if (timer !== null) clearTimeout(timer)
  if (signal !== 'SIGKILL' && !acknowledged.done) throw new Error(`the host failed by itself:\n${complaints}`)
  return acknowledged
}

async function exited(child: ChildProcess): Promise<string | null> {
  // `close` comes after the last message and the last of stderr.
  const [, signal] = (await once(child, 'close')) as [number | null, string | null]
  return signal
}

/** Whether a process of this id runs. */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
