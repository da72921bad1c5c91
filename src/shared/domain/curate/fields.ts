import { valueAt } from '../metadata-path.ts'
import type { Json } from '../trace.ts'
import type { CurateTrace } from './types.ts'

/** Fields of the trace itself; everything else is looked for in its metadata. */
const OWN = [
  'run',
  'checkpoint',
  'key',
  'sample',
  'prompt',
  'response',
  'reference',
  'reward',
  'truncated',
  'tokens',
] as const

/**
 * A field of a trace: its own (`run`, `reward` …), `source`, or a path in its metadata, with or without `metadata.`
 * before it, dotted, with `[i]` for lists. Null where there is none.
 */
export function fieldOf(trace: CurateTrace, field: string): Json {
  if (field === 'source') return trace.source.name
  const own = OWN.find((name) => name === field)
  if (own !== undefined) return trace[own]
  return valueAt(trace.metadata, field.replace(/^metadata\./, ''))
}
