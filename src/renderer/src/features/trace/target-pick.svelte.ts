import type { Annotation } from '#shared/contract/labels.ts'
import type { Trace } from './trace.svelte.ts'

/** Picking what a label points at: the cursor moves to the target, and comes home afterwards. */
export class TargetPick {
  /** The label that is to point somewhere; null while nothing is picked. */
  label = $state.raw<Annotation | null>(null)
  #home = 0
  readonly #trace: () => Trace
  readonly #moveTo: (step: number) => void

  constructor(trace: () => Trace, moveTo: (step: number) => void) {
    this.#trace = trace
    this.#moveTo = moveTo
  }

  /** Starts at the target that the label has, else at the step before it. */
  start(label: Annotation): void {
    const trace = this.#trace()
    this.#home = trace.cursor
    this.label = label
    const { target } = label
    this.#moveTo(
      target !== null && target.end > 0 ? trace.stepsOf(target).first : trace.stepsOf(label).first - 1,
    )
  }

  stop(): void {
    const label = this.label
    if (label === null) return
    this.label = null
    this.#moveTo(this.#home)
    this.#trace().choose(label.id)
  }
}
