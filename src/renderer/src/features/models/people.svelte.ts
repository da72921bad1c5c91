import type { AnnotatorAgreement, LabelDifference } from '#shared/contract/agreement.ts'
import type { Behaviour } from '#shared/domain/behaviours.ts'
import type { CairnError } from '#shared/errors.ts'
import type { Engine } from '../../app/engine.svelte.ts'
import { onceMore } from '../../app/once-more.ts'

/** Time to wait for further labels before they are compared anew. */
const PAUSE_MS = 600

/** How far people agree, read anew as they label: one reading at a time, and one more for what has changed meanwhile. */
export class PeopleAgreement {
  /** What was read last, and of whom and what. */
  #read = $state.raw<{ of: string; agreement: AnnotatorAgreement } | null>(null)
  problem = $state<string | null>(null)
  progress = $state.raw<{ done: number; total: number } | null>(null)
  /** Only steps that they judged count, not all of the traces that they labelled. See `choose`. */
  judged = $state(true)
  /** Of these two only; null: of everybody. */
  between = $state.raw<readonly [string, string] | null>(null)
  /** Everybody who has labelled; null before they were read. */
  readonly names = $derived(this.#read?.agreement.people.map(({ annotator }) => annotator) ?? null)

  readonly #engine: Engine
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Whom and what is asked of. */
  readonly #among = $derived({
    judged: this.judged,
    ...(this.between !== null && { annotators: [...this.between] }),
  })
  readonly key = $derived(JSON.stringify(this.#among))
  /** Of whom and what is asked now; null before it was read. */
  readonly agreement = $derived(this.#read?.of === this.key ? this.#read.agreement : null)

  choose(change: { judged: boolean } | { between: readonly [string, string] | null }): void {
    Object.assign(this, change)
    this.read()
  }

  read(): void {
    this.stop()
    void this.#compare()
  }

  readonly #compare = onceMore(async () => {
    const of = this.key
    try {
      const agreement = await this.#engine.call('labels.agreement', this.#among)
      const current = of === this.key
      const [one, other, third] = agreement.people
      // Two stay two when whoever settles their differences is a third.
      if (current && this.between === null && one && other && third === undefined)
        this.between = [one.annotator, other.annotator]
      this.#read = { of: current ? this.key : of, agreement }
      this.problem = null
    } catch (thrown) {
      // Something else was chosen meanwhile, and is asked for next.
      if (of !== this.key) return
      const { code, message } = thrown as CairnError
      // One of the two has no label any more.
      if (code === 'not_found' && this.between !== null) this.choose({ between: null })
      else this.problem = message
    } finally {
      this.progress = null
    }
  })

  readSoon(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.read(), PAUSE_MS)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  /** Where they differ, those last that `annotator` has settled. */
  differences(annotator: string, behaviour?: Behaviour): Promise<readonly LabelDifference[]> {
    return this.#engine.call('labels.differences', {
      ...this.#among,
      annotator,
      ...(behaviour && { behaviour }),
    })
  }
}
