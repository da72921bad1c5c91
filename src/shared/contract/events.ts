import type { FunnelStep } from './recipes.ts'
import type { Job } from './jobs.ts'

/** What the engine tells every client that listens. */
export interface Events {
  /** Of long lists in its input, but for files, only the beginning: `jobs.get` has all of it. */
  'jobs.changed': Job
  'traces.changed': { reason: 'import' | 'classify' | 'graphs' | 'verify' | 'vectors' | 'surprisal' }
  /** How far a preview is; `funnel` is empty while another pass is made before. */
  'curate.funnel': { ticket: string; done: number; total: number; funnel: FunnelStep[] }
  /** How many of all traces a filter that takes its time has looked at. */
  'traces.reading': { done: number; total: number }
  /** How far the sorting of steps into groups is. */
  'similar.sorting': { done: number; total: number }
  /** How many of the traces that several people labelled have been compared. */
  'labels.comparing': { done: number; total: number }
  /** Labels, notes or edits of a trace; `token` is that of the change, where it had one. */
  'labels.changed': { traceId: number; token?: string }
  /** Behaviours of the workspace's own were made, removed, put back or trained. */
  'own.changed': Record<string, never>
}

export type EventName = keyof Events

const NAMES: Record<EventName, true> = {
  'jobs.changed': true,
  'traces.changed': true,
  'curate.funnel': true,
  'traces.reading': true,
  'similar.sorting': true,
  'labels.comparing': true,
  'labels.changed': true,
  'own.changed': true,
}
/** Every event there is. */
export const EVENT_NAMES = Object.keys(NAMES) as EventName[]

/** Tells listeners of one event; never throws into the teller. */
export type Emit = <N extends EventName>(name: N, payload: Events[N]) => void
