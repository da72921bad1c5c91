import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

/** Processors as the system counts them: the most threads that run at once. */
export const logicalCores = availableParallelism

/** Cores without their hyper-threads; as many as `logicalCores` where the system does not tell. */
export function physicalCores(): number {
  const known = { linux: linuxCores, darwin: macCores }[process.platform as 'linux' | 'darwin']
  try {
    const cores = known?.() ?? 0
    return cores > 0 ? Math.min(cores, logicalCores()) : logicalCores()
  } catch {
    return logicalCores()
  }
}

/** Processors of one core name the same siblings. */
function linuxCores(): number {
  const root = '/sys/devices/system/cpu'
  const processors = readdirSync(root).filter((name) => /^cpu\d+$/.test(name))
  const siblings = processors.map((name) =>
    readFileSync(join(root, name, 'topology/thread_siblings_list'), 'utf8').trim(),
  )
  return new Set(siblings).size
}

function macCores(): number {
  return Number(execFileSync('sysctl', ['-n', 'hw.physicalcpu'], { encoding: 'utf8', timeout: 2_000 }))
}
