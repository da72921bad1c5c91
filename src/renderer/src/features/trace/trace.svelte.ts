import type { ApiOutput } from '#shared/contract/index.ts'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import { countBehaviours } from '#shared/domain/counts.ts'
import type { Span } from '#shared/domain/trace.ts'
import type { Engine } from '../../app/engine.svelte.ts'
import type { Selection } from '../traces/index.ts'
import { makeBlocks } from './blocks.ts'
import { indexLabels } from './label-index.ts'
import { Labels } from './labels.svelte.ts'
import { DENIED, PREDICTED, PRESENT, stepMarks } from './marks.ts'
import { thresholds } from './thresholds.svelte.ts'

export type Detail = ApiOutput<'traces.get'>
export type Around = ApiOutput<'traces.around'>

const NO_STEPS = new Uint32Array(0)

/** One trace being read: its text, predictions and labels, and the step one is on. */
export class Trace {
  readonly id: number
  detail = $state.raw<Detail | null>(null)
  around = $state.raw<Around | null>(null)
  problem = $state.raw<Error | null>(null)
  cursor = $state(0)
  readonly labels: Labels
  readonly #engine: Engine

  readonly bounds = $derived(this.detail?.bounds ?? NO_STEPS)
  readonly steps = $derived(this.bounds.length / 2)
  readonly blocks = $derived(
    this.detail === null ? null : makeBlocks(this.detail.response, this.detail.bounds),
  )
  readonly thresholds = $derived(
    thresholds.custom ?? this.detail?.prediction?.thresholds ?? BEHAVIOURS.map(() => 0.5),
  )
  readonly probabilities = $derived(this.detail?.prediction?.probabilities ?? null)
  readonly marks = $derived.by(() =>
    stepMarks(this.bounds, this.probabilities, this.thresholds, this.labels.all),
  )
  readonly index = $derived.by(() => indexLabels(this.labels.all))
  readonly totals = $derived(
    this.probabilities === null ? null : countBehaviours(this.probabilities, this.thresholds),
  )

  constructor(engine: Engine, id: number) {
    this.#engine = engine
    this.id = id
    this.labels = new Labels(engine, id)
  }

  async read(): Promise<void> {
    try {
      const [detail] = await Promise.all([
        this.#engine.call('traces.get', { id: this.id }),
        this.labels.read(),
      ])
      this.detail = detail
      this.problem = null
    } catch (thrown) {
      this.problem = thrown as Error
    }
  }

  async readAround({ filter, sort }: Selection): Promise<void> {
    this.around = await this.#engine.call('traces.around', { id: this.id, filter, sort })
  }

  spanOf(step: number): Span {
    return { start: this.bounds[step * 2]!, end: this.bounds[step * 2 + 1]! }
  }

  /** What is known of a behaviour on a step, as bits. */
  mark(step: number, behaviour: number): number {
    return this.marks[step * BEHAVIOURS.length + behaviour] ?? 0
  }

  /** Behaviours that the model predicts on a step and nobody has judged. */
  open(step: number): Behaviour[] {
    return BEHAVIOURS.filter((_, index) => this.mark(step, index) === PREDICTED)
  }

  /** Behaviours that the model predicts on a step, judged or not. */
  predicted(step: number): Behaviour[] {
    return BEHAVIOURS.filter((_, index) => (this.mark(step, index) & PREDICTED) !== 0)
  }

  /** Who says what of a behaviour on a step; null when nobody says anything. */
  voice(step: number, behaviour: number): 'person' | 'denied' | 'model' | null {
    const mark = this.mark(step, behaviour)
    if (mark & PRESENT) return 'person'
    if (mark & DENIED) return 'denied'
    return mark & PREDICTED ? 'model' : null
  }
}
