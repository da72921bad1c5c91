import type { Job } from './jobs.ts'

/** What the engine tells every client that listens. */
export interface Events {
  'jobs.changed': Job
  'traces.changed': { reason: 'import' | 'classify' }
  'labels.changed': { traceId: number }
}

export type EventName = keyof Events

/** Tells listeners of one event; never throws into the teller. */
export type Emit = <N extends EventName>(name: N, payload: Events[N]) => void
