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
 * before it, dotted, with `[i]` for lists; `own.unit check` is how many steps show a behaviour of that name of people's
 * own, `own.unit check.episodes` how many episodes. Null where there is none.
 */
export function fieldOf(trace: CurateTrace, field: string): Json {
  if (field === 'source') return trace.source.name
  const own = OWN.find((name) => name === field)
  if (own !== undefined) return trace[own]
  const counted = /^own\.(.+?)(?:\.(steps|episodes))?$/.exec(field)
  const counts = trace.own?.[counted?.[1]!.toLowerCase() ?? '']
  if (counts !== undefined) return counts[counted?.[2] === 'episodes' ? 'episodes' : 'steps']
  return valueAt(trace.metadata, field.replace(/^metadata\./, ''))
}
