import type { Emit, Events } from '#shared/contract/events.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import type { Job, JobKind, JobProgress } from '#shared/contract/jobs.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError, toCairnError } from '#shared/errors.ts'
import type { Clock } from '../clock.ts'
import type { JobStore } from '../db/jobs.ts'

export interface JobContext {
  readonly jobId: number
  /** Aborted when the user cancels or the engine closes. */
  readonly signal: AbortSignal
  report(progress: Partial<JobProgress>): void
}

/**
 * Does a job's work, from its input alone, so that running it again after an interruption goes on
 * where it stopped. Resolves to the job's result; an abort must reject or resolve promptly.
 */
export type JobRunner = (input: Json, context: JobContext) => Promise<Json>

/** What a job changes about traces, if anything. */
type Changes = Events['traces.changed']['reason']

export interface Jobs {
  /** Listeners hear of what such jobs change whenever one ends: what was stored before it broke off stays. */
  register(kind: JobKind, runner: JobRunner, changes?: Changes): void
  start(kind: JobKind, input: Json): Job
  /** What a job was started with. @throws CairnError `not_found` */
  input(id: number): Json
  handlers: Pick<ApiHandlers, 'jobs.list' | 'jobs.get' | 'jobs.wait' | 'jobs.cancel' | 'jobs.resume'>
  /** Stops what runs; the jobs can be resumed. */
  close(): Promise<void>
}

const NOTHING_DONE: JobProgress = { done: 0, total: null, unit: 'bytes', traces: 0, note: '' }
/** Listeners hear of progress at most this often; the database at most every fifth time. */
const REPORT_MS = 100
/** Of longer lists in a job's input, as of a filter's ids, listeners hear only the beginning. */
const LISTED = 100

interface Running {
  job: Job
  abort: AbortController
  finished: Promise<Job>
}

export function createJobs({ store, emit, clock }: { store: JobStore; emit: Emit; clock: Clock }): Jobs {
  const runners = new Map<JobKind, { runner: JobRunner; changes: Changes | undefined }>()
  const running = new Map<number, Running>()
  let closing = false
  store.interruptRunning(clock.now())

  /** Jobs whose last state could not be written down, as on a full disk; what they say is still true. */
  const unsaved = new Map<number, Job>()
  const save = (job: Job) => {
    try {
      store.save(job)
      unsaved.delete(job.id)
    } catch {
      unsaved.set(job.id, structuredClone(job))
    }
  }
  const live = (id: number): Job | undefined => running.get(id)?.job ?? unsaved.get(id)

  const run = (job: Job): Job => {
    const registered = runners.get(job.kind)
    if (registered === undefined) throw new CairnError('internal', `No runner for ${job.kind} jobs.`)
    const { runner, changes } = registered
    const abort = new AbortController()
    const current: Job = { ...job, state: 'running', error: null, updatedAt: clock.now() }
    save(current)
    const input = shortened(job.input)
    const tell = () => emit('jobs.changed', structuredClone({ ...current, input }))
    let lastEmit = 0
    let emits = 0
    const report = (progress: Partial<JobProgress>) => {
      Object.assign(current.progress, progress)
      const now = performance.now()
      if (now - lastEmit < REPORT_MS) return
      lastEmit = now
      current.updatedAt = clock.now()
      if (emits++ % 5 === 0) save(current)
      tell()
    }
    const finished = runner(current.input, { jobId: job.id, signal: abort.signal, report })
      .then(
        (result) => {
          current.result = result
          current.state = abort.signal.aborted ? (closing ? 'interrupted' : 'cancelled') : 'done'
        },
        (thrown: unknown) => {
          if (abort.signal.aborted) current.state = closing ? 'interrupted' : 'cancelled'
          else {
            const { code, message } = toCairnError(thrown)
            current.state = 'failed'
            current.error = { code, message }
          }
        },
      )
      .then(() => {
        current.updatedAt = clock.now()
        running.delete(job.id)
        save(current)
        if (changes !== undefined) emit('traces.changed', { reason: changes })
        tell()
        return structuredClone(current)
      })
    running.set(job.id, { job: current, abort, finished })
    tell()
    return structuredClone(current)
  }

  const get = (id: number): Job => {
    const job = live(id) ?? store.get(id)
    if (job === null) throw new CairnError('not_found', `There is no job ${id}.`)
    return structuredClone(job)
  }

  return {
    register: (kind, runner, changes) => void runners.set(kind, { runner, changes }),
    input: (id) => get(id).input,
    start(kind, input) {
      const id = store.add(kind, input, NOTHING_DONE, clock.now())
      return run(store.get(id)!)
    },
    handlers: {
      'jobs.list': () =>
        store.list().map((job) => {
          const latest = live(job.id) ?? job
          return structuredClone({ ...latest, input: shortened(latest.input) })
        }),
      'jobs.get': ({ id }) => get(id),
      'jobs.wait': async ({ id }) => (await running.get(id)?.finished) ?? get(id),
      'jobs.cancel': async ({ id }) => {
        const active = running.get(id)
        if (active === undefined) return get(id)
        active.abort.abort()
        return active.finished
      },
      'jobs.resume': ({ id }) => {
        const job = get(id)
        if (running.has(id)) return job
        if (job.state === 'done')
          throw new CairnError('conflict', `Job ${id} is done; there is nothing left to resume.`, { id })
        return run(job)
      },
    },
    async close() {
      closing = true
      const active = [...running.values()]
      for (const { abort } of active) abort.abort()
      await Promise.all(active.map(({ finished }) => finished))
    },
  }
}

/** A value whose lists are not long, but for files: how many there are is told. */
function shortened(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return (value as readonly Json[]).slice(0, LISTED).map(shortened)
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === 'paths' ? inner : shortened(inner)]),
  )
}
