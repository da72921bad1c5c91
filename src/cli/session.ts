import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine, localClient, type Engine, type EngineClient } from '#engine/create-engine.ts'
import { installPaths } from '#engine/install-paths.ts'
import type { Job } from '#shared/contract/jobs.ts'
import { CairnError } from '#shared/errors.ts'
import { EXIT } from './exit-codes.ts'
import { createProgress } from './progress.ts'
import { note } from './terminal.ts'

export interface Session {
  engine: Engine
  client: EngineClient
}

/** Workspace when neither `-w` nor CAIRN_WORKSPACE names one. */
export const DEFAULT_WORKSPACE = 'cairn-workspace'

/** What ends a command in order. A terminal that is closed says SIGHUP. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs work on a workspace in this process and releases it however the work ends.
 * @throws CairnError as the work does; a job that was stopped says how to go on with it
 */
export async function withWorkspace<T>(
  workspace: string,
  options: { create: boolean },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  try {
    return await withEngine(workspace, options, work)
  } catch (thrown) {
    const job =
      thrown instanceof CairnError && thrown.code === 'cancelled' ? thrown.details['job'] : undefined
    if (job === undefined) throw thrown
    throw new CairnError(
      'cancelled',
      `Stopped. What was done is kept; "cairn jobs resume ${String(job)} -w ${workspace}" goes on from there.`,
    )
  }
}

async function withEngine<T>(
  workspace: string,
  options: { create: boolean },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { entries, modelsDir, version } = installPaths()
  const engine = createEngine({ workspace, create: options.create, entries, modelsDir, version })
  try {
    return await work({ engine, client: localClient(engine) })
  } finally {
    await engine.close()
  }
}

/** The same on a workspace that is gone afterwards: there is nothing to go on with. */
export async function withTemporaryWorkspace<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  // A reader that closes its end of the pipe ends the process in the middle of things.
  process.once('exit', remove)
  const leave = (signal: NodeJS.Signals) => {
    // A job that is followed is cancelled in order; before, between and after jobs nobody else listens.
    if (process.listenerCount(signal) > 1) return
    note('Stopped.')
    process.exit(EXIT.cancelled)
  }
  for (const signal of SIGNALS) process.on(signal, leave)
  try {
    return await withEngine(folder, { create: true }, work)
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, leave)
    remove()
    process.removeListener('exit', remove)
  }
}

/**
 * Follows a job to its end, showing progress. Ctrl+C cancels it: what is committed stays.
 * @throws CairnError with the job's own error, or `cancelled` with the number of the job
 */
export async function follow(client: EngineClient, started: Job, label: string): Promise<Job> {
  const progress = createProgress(label)
  const stop = client.on('jobs.changed', (job) => {
    if (job.id === started.id && job.state === 'running') progress.show(job.progress)
  })
  const cancel = () => void client.call('jobs.cancel', { id: started.id })
  for (const signal of SIGNALS) process.once(signal, cancel)
  try {
    const job = await client.call('jobs.wait', { id: started.id })
    if (job.state === 'failed')
      throw new CairnError(
        (job.error?.code ?? 'internal') as CairnError['code'],
        job.error?.message ?? 'The job failed.',
      )
    if (job.state !== 'done') throw new CairnError('cancelled', 'Stopped.', { job: job.id })
    return job
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, cancel)
    stop()
    progress.done()
  }
}
