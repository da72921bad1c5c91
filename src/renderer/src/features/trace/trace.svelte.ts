import { firstEndingAfter } from '#shared/domain/sorted.ts'
import type { ApiOutput } from '#shared/contract/index.ts'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import { countBehaviours } from '#shared/domain/counts.ts'
import { isUnsure } from '#shared/domain/models/unsure.ts'
import type { Span } from '#shared/domain/trace.ts'
import type { Annotation } from '#shared/contract/labels.ts'
import type { AppContext } from '../../app/context.ts'
import type { Engine } from '../../app/engine.svelte.ts'
import { OwnTrace } from '../learning/index.ts'
import type { Selection } from '../traces/index.ts'
import { makeBlocks } from './blocks.ts'
import { Heat } from './heat.svelte.ts'
import { indexLabels } from './label-index.ts'
import { Labels } from './labels.svelte.ts'
import { DENIED, labelledMarks, PREDICTED, predictedMarks, PRESENT, stepMarks } from './marks.ts'
import { Reading } from './reading.svelte.ts'
import { thresholds } from './thresholds.svelte.ts'

export type Detail = ApiOutput<'traces.get'>
export type Around = ApiOutput<'traces.around'>

const NO_STEPS = new Uint32Array(0)

type Text = Pick<Detail, 'response' | 'bounds'>

const sameText = (a: Text, b: Text): boolean =>
  a.response === b.response &&
  a.bounds?.length === b.bounds?.length &&
  (a.bounds?.every((bound, at) => bound === b.bounds![at]) ?? true)

/** One trace being read: its text, predictions and labels, and the step one is on. */
export class Trace {
  readonly id: number
  detail = $state.raw<Detail | null>(null)
  around = $state.raw<Around | null>(null)
  problem = $state.raw<Error | null>(null)
  cursor = $state(0)
  /** Where a range of steps starts that goes to the cursor; null when there is none. */
  anchor = $state<number | null>(null)
  /** The label that was made or chosen last; see `focused`. */
  #chosen = $state<number | null>(null)
  /** Whose labels are shown; null shows everyone's. */
  by = $state<string | null>(null)
  readonly labels: Labels
  /** Behaviours of the workspace's own. */
  readonly own: OwnTrace
  readonly heat: Heat
  readonly reading = new Reading(() => this.detail?.response ?? '')
  readonly #engine: Engine
  readonly #me: () => string
  readonly #toasts: AppContext['toasts']
  /** Settles when what is drawn over the text has been read, or could not be. */
  over: Promise<unknown> = Promise.resolve()
  #turn = 0

  readonly bounds = $derived(this.detail?.bounds ?? NO_STEPS)
  readonly steps = $derived(this.bounds.length / 2)
  /** The labels that are shown. */
  readonly shown = $derived.by(() =>
    this.by === null ? this.labels.all : this.labels.all.filter(({ annotator }) => annotator === this.by),
  )
  /** The text and its steps; the same object while neither changes, so that what was measured of it stays. */
  #text = $state.raw<Text | null>(null)
  readonly blocks = $derived(this.#text === null ? null : makeBlocks(this.#text.response, this.#text.bounds))
  readonly thresholds = $derived(
    thresholds.custom ?? this.detail?.prediction?.thresholds ?? BEHAVIOURS.map(() => 0.5),
  )
  /** What the model says after having learnt from one's labels; null where what is stored is shown. */
  learnt = $state.raw<Float32Array | null>(null)
  readonly probabilities = $derived.by(() => {
    const stored = this.detail?.prediction?.probabilities ?? null
    return stored !== null && this.learnt?.length === stored.length ? this.learnt : stored
  })
  readonly #predicted = $derived(predictedMarks(this.steps, this.probabilities, this.thresholds))
  readonly #labelled = $derived(labelledMarks(this.bounds, this.shown))
  readonly marks = $derived(stepMarks(this.#predicted, this.#labelled))
  readonly index = $derived.by(() => indexLabels(this.shown))
  /** First and last step of the range, or the one that the cursor is on. */
  readonly range = $derived({
    first: Math.min(this.anchor ?? this.cursor, this.cursor),
    last: Math.max(this.anchor ?? this.cursor, this.cursor),
  })
  /** Labels that touch the step that the cursor is on. */
  readonly here = $derived.by((): readonly Annotation[] => {
    if (this.steps === 0) return []
    const { start, end } = this.spanOf(this.cursor)
    return this.index.touching(start, end).map(({ annotation }) => annotation)
  })
  /** The label that keys act on: the chosen one, else the first on the step, one's own before others. */
  readonly focused = $derived.by((): Annotation | null => {
    const chosen = this.#chosen === null ? undefined : this.labels.get(this.#chosen)
    if (chosen !== undefined) return chosen
    const present = this.here.filter(({ verdict }) => verdict === 'present')
    return present.find(({ annotator }) => annotator === this.#me()) ?? present[0] ?? null
  })
  readonly totals = $derived(
    this.probabilities === null ? null : countBehaviours(this.probabilities, this.thresholds),
  )

  /** Means over each step, in bits, of what a language model says of its tokens. */
  readonly stepHeat = $derived.by(() => this.heat.ofSteps(this.bounds))

  constructor(app: Pick<AppContext, 'engine' | 'outbox' | 'session' | 'toasts'>, id: number) {
    const { engine, outbox, session } = app
    this.own = new OwnTrace(app, id)
    this.#engine = engine
    this.#me = () => session.annotator
    this.#toasts = app.toasts
    this.id = id
    this.labels = new Labels(engine, outbox, id)
    this.heat = new Heat(engine, id)
  }

  /** Whether the model abstains: nobody has judged the behaviour on the step, and its probability is near the threshold. */
  unsure(step: number, behaviour: number): boolean {
    const probability = this.probabilities?.[step * BEHAVIOURS.length + behaviour]
    return probability !== undefined && isUnsure(probability, this.thresholds[behaviour]!)
  }

  /** Has predictions follow one's labels, or shows what is stored again. */
  async follow(annotator: string | null): Promise<void> {
    const turn = ++this.#turn
    const { prediction } = this.detail ?? {}
    const found =
      annotator === null || prediction == null
        ? null
        : await this.#engine.call('learning.trace', {
            traceId: this.id,
            model: prediction.model,
            annotator,
          })
    if (turn === this.#turn) this.learnt = found
  }

  /** Reads the text and its labels; what is drawn over them comes by itself, see `over`. */
  async read(): Promise<void> {
    const over = Promise.all([this.own.read(), this.heat.read()])
    this.over = over.catch(() => undefined)
    try {
      const [detail] = await Promise.all([
        this.#engine.call('traces.get', { id: this.id }),
        this.labels.read(),
      ])
      this.detail = detail
      if (this.#text === null || !sameText(this.#text, detail)) this.#text = detail
      this.problem = null
      over.catch((thrown: unknown) => this.#toasts.fail(thrown))
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

  /** First and last step that a span touches. */
  stepsOf({ start, end }: Span): { first: number; last: number } {
    const first = Math.min(firstEndingAfter(this.bounds, start), this.steps - 1)
    return { first, last: Math.max(first, Math.min(firstEndingAfter(this.bounds, end - 1), this.steps - 1)) }
  }

  /** The text from the first to the last step of the range. */
  rangeSpan(): Span {
    const { first, last } = this.range
    return { start: this.spanOf(first).start, end: this.spanOf(last).end }
  }

  /** Puts the cursor on a step. The range goes along or ends; no label stays chosen. */
  moveTo(step: number, extend = false): void {
    const from = this.cursor
    this.cursor = Math.max(0, Math.min(this.steps - 1, step))
    this.anchor = extend ? (this.anchor ?? from) : null
    this.#chosen = null
  }

  /** Makes a label the one that keys act on; null lets the step decide. */
  choose(id: number | null): void {
    this.#chosen = id
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
