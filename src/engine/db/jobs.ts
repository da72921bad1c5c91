import type { Job, JobKind, JobProgress, JobState } from '#shared/contract/jobs.ts'
import type { Json } from '#shared/domain/trace.ts'
import type { Db } from './connection.ts'

interface Raw {
  id: number
  kind: JobKind
  state: JobState
  input: string
  progress: string
  result: string
  error: string | null
  created_at: string
  updated_at: string
}

function toJob(raw: Raw): Job {
  return {
    id: raw.id,
    kind: raw.kind,
    state: raw.state,
    input: JSON.parse(raw.input) as Json,
    progress: JSON.parse(raw.progress) as JobProgress,
    result: JSON.parse(raw.result) as Json,
    error: raw.error === null ? null : (JSON.parse(raw.error) as Job['error']),
    createdAt: raw.created_at,
    updatedAt: raw.updated_at,
  }
}

export type JobStore = ReturnType<typeof createJobStore>

/** Jobs as rows, so that a job outlives the process that ran it. */
export function createJobStore(db: Db) {
  const add = db.prepare(
    `INSERT INTO jobs (kind, state, input, progress, created_at, updated_at) VALUES (?, 'running', ?, ?, ?, ?)`,
  )
  const get = db.prepare<[number], Raw>('SELECT * FROM jobs WHERE id = ?')
  const list = db.prepare<[], Raw>('SELECT * FROM jobs ORDER BY id DESC LIMIT 500')
  const update = db.prepare(
    'UPDATE jobs SET state = ?, progress = ?, result = ?, error = ?, updated_at = ? WHERE id = ?',
  )
  const interrupt = db.prepare(
    `UPDATE jobs SET state = 'interrupted', updated_at = ? WHERE state = 'running'`,
  )
  return {
    add: (kind: JobKind, input: Json, progress: JobProgress, at: string): number =>
      Number(add.run(kind, JSON.stringify(input), JSON.stringify(progress), at, at).lastInsertRowid),
    get(id: number): Job | null {
      const raw = get.get(id)
      return raw === undefined ? null : toJob(raw)
    },
    list: (): Job[] => list.all().map(toJob),
    save(job: Job): void {
      update.run(
        job.state,
        JSON.stringify(job.progress),
        JSON.stringify(job.result),
        job.error === null ? null : JSON.stringify(job.error),
        job.updatedAt,
        job.id,
      )
    },
    /** Jobs that a dead process left running. */
    interruptRunning: (at: string): void => void interrupt.run(at),
  }
}
