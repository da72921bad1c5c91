import type { Json } from '#shared/domain/trace.ts'
import { fieldsSeen } from './mapping.ts'
import { SHAPES } from './shapes/index.ts'
import { records, type SampleContext } from './shapes/support/shape.ts'
import type { Mapping, Shape } from './types.ts'

/** Which shape sampled records have. */
export interface Detection {
  /** Null when nothing reads them; `message` then says what was seen and what to do. */
  shape: Shape | null
  /** What the shape would read from where, to show and edit; null for shapes that are not a mapping. */
  mapping: Mapping | null
  /** 0 to 1. */
  score: number
  /** Other shapes that would read the records, best first. */
  alternatives: { shape: Shape; score: number }[]
  message: string | null
}

/** Shapes below this read too few of the sampled records to be trusted with the file. */
const TRUSTED = 0.15

/** Finds the shape of a file from its first records (some tens suffice). The most specific wins. */
export function detectShape(sample: readonly Json[], context: SampleContext): Detection {
  const ranked = SHAPES.map((shape) => ({ shape, score: shape.detect(sample, context) }))
    .filter(({ score }) => score >= TRUSTED)
    .sort((a, b) => b.score - a.score)
  const best = ranked[0]
  if (best === undefined)
    return { shape: null, mapping: null, score: 0, alternatives: [], message: unknown(sample) }
  const { shape, score } = best
  return { shape, mapping: shape.mapping(sample), score, alternatives: ranked.slice(1), message: null }
}

function unknown(sample: readonly Json[]): string {
  if (sample.length === 0) return 'The file has no records, so there is nothing to import.'
  const seen = [...new Set(records(sample).flatMap((record) => Object.keys(record)))]
  if (seen.length === 0) return 'The records have no named fields, so no response can be found in them.'
  return `No field looks like a model's response. ${fieldsSeen(seen)} Map one of them to response to import the file.`
}
