import { z } from 'zod'
import type { Handlers, Output } from '#shared/contract/contract.ts'
import { Filter } from '#shared/contract/filter.ts'
import { similar, type SimilarStep, type StepGroup } from '#shared/contract/similar.ts'
import { passage } from '#shared/domain/evaluation/readable.ts'
import { SEGMENTER_VERSION } from '#shared/domain/segment/index.ts'
import { groupRows } from '#shared/domain/similar/groups.ts'
import { createNearest } from '#shared/domain/similar/nearest.ts'
import { CairnError } from '#shared/errors.ts'
import type { Db } from '../db/connection.ts'
import { createVectorStore, type StepPlace } from '../db/vectors.ts'
import { narrows, type Selections } from './selection.ts'
import { createVectorIndex, type VectorIndex } from './vector-index.ts'

/** What of vectors a thread answers that has them all in memory. */
export const similarReading = {
  'similar.search': {
    input: z.object({
      modelId: z.int(),
      query: z.custom<Int8Array>((value) => value instanceof Int8Array),
      filter: Filter,
      /** A trace that is left out. */
      without: z.int().nullable(),
      limit: z.int(),
    }),
    output: z.object({
      compared: z.int(),
      milliseconds: z.number(),
      atLeast: z.boolean(),
      steps: z.custom<SimilarStep[]>(),
    }),
  },
  'similar.sort': {
    input: similar['similar.groups'].input.omit({ model: true }).extend({ modelId: z.int() }),
    output: z.object({ steps: z.int(), groups: z.custom<StepGroup[]>() }),
  },
}

/** Candidates for each step shown, so that repetitions of the same words can be put behind one. */
const SPARE = 20
const CANDIDATES = 2000
/** Where those hold too few words. Reading the texts of so many takes about a second. */
const MOST_CANDIDATES = 20_000
/** Traces whose texts are held while steps are read. */
const TEXTS = 1000
const EXAMPLES = 6

type SimilarSearch = Output<typeof similarReading, 'similar.search'>
interface ReadableStep {
  words: string
  read(): Omit<SimilarStep, 'similarity' | 'same'>
}

/** Searches and groupings over all vectors of a model. */
export function createSimilarReading(
  db: Db,
  selections: Pick<Selections, 'ids'>,
  tell?: (done: number, total: number) => void,
): Handlers<typeof similarReading> {
  const store = createVectorStore(db)
  const indices = createVectorIndex(store, SEGMENTER_VERSION)

  const indexOf = (modelId: number): VectorIndex => {
    const index = indices.of(modelId)
    if (index === null) throw new CairnError('not_found', 'The model has made no vectors yet.')
    return index
  }

  /** Traces by id: 1 for those of a filter; null when every trace is in. */
  const membersOf = (filter: Filter): Uint8Array | null => {
    if (!narrows(filter)) return null
    const ids = selections.ids(filter, { by: 'id', descending: false })
    const bits = new Uint8Array((ids.at(-1) ?? 0) + 1)
    for (const id of ids) bits[id] = 1
    return bits
  }

  /** Reads steps; the texts of traces read before are at hand. */
  const reader = (index: VectorIndex) => {
    const known = new Map<number, StepPlace>()
    return (at: number): ReadableStep => {
      const [traceId, step] = [index.traceOf[at]!, index.stepOf[at]!]
      let trace = known.get(traceId)
      if (trace === undefined) {
        trace = store.place(index.modelId, traceId, SEGMENTER_VERSION)!
        if (known.size === TEXTS) known.clear()
        known.set(traceId, trace)
      }
      const { run, checkpoint, correct } = trace
      const [start, end] = [trace.bounds[step * 2]!, trace.bounds[step * 2 + 1]!]
      const words = trace.response.slice(start, end).replace(/\s+/g, ' ').trim()
      const read = () => ({
        ...{ traceId, run, checkpoint, correct, step, start, end },
        ...passage(trace.response, start, end),
      })
      return { words, read }
    }
  }

  return {
    'similar.search'({ modelId, query, filter, without, limit }) {
      const index = indexOf(modelId)
      const { shelf, traceOf } = index
      const members = membersOf(filter)
      const isIn = (trace: number) => trace !== without && (members === null || members[trace] === 1)
      let compared = shelf.rows
      if (members !== null || without !== null) {
        compared = 0
        for (let row = 0; row < shelf.rows; row++) if (isIn(traceOf[row]!)) compared++
      }
      const nearestTo = (most: number) => {
        const nearest = createNearest(most)
        shelf.compare(query, (cosines, first) => {
          let { least } = nearest
          for (let at = 0; at < cosines.length; at++) {
            if (cosines[at]! <= least || !isIn(traceOf[first + at]!)) continue
            nearest.offer(first + at, cosines[at]!)
            least = nearest.least
          }
        })
        return nearest.finish()
      }
      const read = reader(index)
      let milliseconds = 0
      const search = (most: number): SimilarSearch => {
        const started = performance.now()
        const found = nearestTo(most)
        milliseconds += performance.now() - started
        const { steps, full } = joinWords(found, read, limit)
        const atLeast = !full && found.length < compared
        // Of a sentence that is everywhere, all that were found may be the very same.
        if (atLeast && most < MOST_CANDIDATES) return search(MOST_CANDIDATES)
        return { compared, milliseconds, atLeast, steps }
      }
      return search(Math.min(CANDIDATES, limit * SPARE))
    },

    'similar.sort'({ modelId, filter, groups, seed }) {
      const index = indexOf(modelId)
      const members = membersOf(filter)
      const rows = Uint32Array.from({ length: index.shelf.rows }, (_, row) => row).filter(
        (row) => members === null || members[index.traceOf[row]!] === 1,
      )
      if (rows.length === 0) return { steps: 0, groups: [] }
      const read = reader(index)
      const found = groupRows(index.shelf, rows, { count: groups, seed, keep: EXAMPLES * SPARE, tell })
      return {
        steps: rows.length,
        groups: found.map((group) => {
          const examples = new Map<string, ReturnType<ReadableStep['read']>>()
          for (const row of group.nearest) {
            if (examples.size === EXAMPLES) break
            const step = read(row)
            if (!examples.has(step.words)) examples.set(step.words, step.read())
          }
          return { steps: group.rows, closeness: group.closeness, examples: [...examples.values()] }
        }),
      }
    },
  }
}

/** Puts steps behind the nearest one with the same words, until there is one more than the limit: then it is `full`. */
function joinWords(
  found: readonly { row: number; value: number }[],
  read: (row: number) => ReadableStep,
  limit: number,
): { steps: SimilarStep[]; full: boolean } {
  const byWords = new Map<string, SimilarStep>()
  const steps = () => [...byWords.values()]
  for (const { row, value } of found) {
    const step = read(row)
    const before = byWords.get(step.words)
    if (before !== undefined) before.same++
    else if (byWords.size === limit) return { steps: steps(), full: true }
    else byWords.set(step.words, { ...step.read(), similarity: Math.min(1, value), same: 1 })
  }
  return { steps: steps(), full: false }
}
