import type { TraceSurprisal } from '#shared/contract/surprisal.ts'
import { meanPerStep } from '#shared/domain/surprisal/per-step.ts'
import type { Engine } from '../../app/engine.svelte.ts'

/** Bits from which on a token is marked, level by level. */
export const LEVELS = [2, 4, 7, 10] as const
export type Measure = 'surprisal' | 'entropy'

/** Whether the texts are marked, and by what: for all traces of a page. */
export const heatLook = $state<{ on: boolean; measure: Measure }>({ on: false, measure: 'surprisal' })

/** How surprising a trace's tokens are, as it is drawn. */
export class Heat {
  scores = $state.raw<TraceSurprisal | null>(null)
  readonly #engine: Engine
  readonly #traceId: number

  readonly values = $derived(this.scores?.[heatLook.measure] ?? null)
  /** Whether there is anything to draw. */
  readonly shown = $derived(heatLook.on && this.scores !== null)
  /** Of each level the spans `[start0, end0, …]`, UTF-16; tokens of a level that touch are one. */
  readonly spans = $derived(
    this.scores === null || this.values === null ? [] : spansOfLevels(this.scores.ends, this.values),
  )

  constructor(engine: Engine, traceId: number) {
    this.#engine = engine
    this.#traceId = traceId
  }

  async read(): Promise<void> {
    this.scores = await this.#engine.call('surprisal.get', { traceId: this.#traceId })
  }

  /** Means of both measures over each step, in bits; null where nothing is known. */
  ofSteps(bounds: Uint32Array): { surprisal: Float32Array; entropy: Float32Array } | null {
    if (this.scores === null) return null
    const { surprisal, entropy } = this.scores
    return {
      surprisal: meanPerStep(this.scores, surprisal, bounds),
      entropy: meanPerStep(this.scores, entropy, bounds),
    }
  }
}

/** The level of a value, 0 for none, and the spans of each level from 1 on. */
export function spansOfLevels(ends: Uint32Array, values: Float32Array): Uint32Array[] {
  const spans: number[][] = LEVELS.map(() => [])
  for (let token = 0; token < ends.length; token++) {
    const level = LEVELS.findLastIndex((least) => values[token]! >= least)
    const [start, end] = [token === 0 ? 0 : ends[token - 1]!, ends[token]!]
    const own = spans[level]
    if (own === undefined || start === end) continue
    if (own.at(-1) === start) own[own.length - 1] = end
    else own.push(start, end)
  }
  return spans.map((own) => Uint32Array.from(own))
}

/** Mean of the values in each of `columns` equal parts of a text; NaN where none ends. */
export function heatColumns(
  ends: Uint32Array,
  values: Float32Array,
  length: number,
  columns: number,
): Float32Array {
  const sums = new Float32Array(columns)
  const counts = new Uint32Array(columns)
  for (let token = 0; token < ends.length; token++) {
    if (Number.isNaN(values[token]!)) continue
    const column = Math.min(columns - 1, Math.floor(((ends[token]! - 1) / Math.max(1, length)) * columns))
    sums[Math.max(0, column)]! += values[token]!
    counts[Math.max(0, column)]!++
  }
  return sums.map((sum, column) => (counts[column] === 0 ? NaN : sum / counts[column]!))
}
