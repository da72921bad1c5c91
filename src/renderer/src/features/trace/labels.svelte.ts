import type { Annotation } from '#shared/contract/labels.ts'
import type { Behaviour } from '#shared/domain/behaviours.ts'
import type { Span } from '#shared/domain/trace.ts'
import type { Engine } from '../../app/engine.svelte.ts'

type Verdict = Annotation['verdict']
/** A change shown before the engine has confirmed it. */
type Change = { readonly put: Annotation } | { readonly drop: number }

/** The labels of one trace. A change is painted at once and taken back if the engine refuses it. */
export class Labels {
  #stored = $state.raw<readonly Annotation[]>([])
  #changes = $state.raw<readonly Change[]>([])
  readonly all = $derived(withChanges(this.#stored, this.#changes))

  readonly #engine: Engine
  readonly #traceId: number
  #turn = 0
  /** Stand-ins for ids that the engine has not given yet. */
  #unborn = -1

  constructor(engine: Engine, traceId: number) {
    this.#engine = engine
    this.#traceId = traceId
  }

  async read(): Promise<void> {
    const turn = ++this.#turn
    const stored = await this.#engine.call('labels.list', { traceId: this.#traceId })
    if (turn === this.#turn) this.#stored = stored
  }

  /** A person's own label of exactly this span and behaviour. */
  find({ start, end }: Span, behaviour: Behaviour, annotator: string): Annotation | undefined {
    return this.all.find(
      (one) =>
        one.start === start && one.end === end && one.behaviour === behaviour && one.annotator === annotator,
    )
  }

  /** Sets a verdict: adds a label, or changes the person's own that is there already. */
  async set(span: Span, behaviour: Behaviour, verdict: Verdict, annotator: string): Promise<void> {
    const old = this.find(span, behaviour, annotator)
    if (old?.verdict === verdict) return
    if (old !== undefined && old.id > 0) return this.update(old, { verdict })
    const traceId = this.#traceId
    const put: Annotation = {
      id: this.#unborn--,
      traceId,
      ...span,
      behaviour,
      verdict,
      annotator,
      at: new Date().toISOString(),
      textHash: '',
      target: null,
      note: '',
    }
    await this.#perform({ put }, async () => {
      const added = await this.#engine.save('labels.add', { traceId, span, behaviour, verdict, annotator })
      this.#keep(added)
    })
  }

  async update(annotation: Annotation, part: { verdict?: Verdict; note?: string }): Promise<void> {
    await this.#perform({ put: { ...annotation, ...part } }, async () => {
      this.#keep(await this.#engine.save('labels.update', { id: annotation.id, ...part }))
    })
  }

  async remove({ id }: Annotation): Promise<void> {
    if (id < 0) return
    await this.#perform({ drop: id }, async () => {
      await this.#engine.save('labels.remove', { id })
      this.#turn++
      this.#stored = this.#stored.filter((one) => one.id !== id)
    })
  }

  #keep(annotation: Annotation): void {
    // What was being read may lack this change; the event that follows it brings a new reading.
    this.#turn++
    this.#stored = withChanges(this.#stored, [{ put: annotation }])
  }

  async #perform(change: Change, save: () => Promise<void>): Promise<void> {
    this.#changes = [...this.#changes, change]
    try {
      await save()
    } finally {
      this.#changes = this.#changes.filter((one) => one !== change)
    }
  }
}

function withChanges(stored: readonly Annotation[], changes: readonly Change[]): readonly Annotation[] {
  return changes.reduce<readonly Annotation[]>((all, change) => {
    if ('drop' in change) return all.filter(({ id }) => id !== change.drop)
    const { put } = change
    return all.some(({ id }) => id === put.id)
      ? all.map((one) => (one.id === put.id ? put : one))
      : [...all, put].sort((a, b) => a.start - b.start || a.end - b.end || a.id - b.id)
  }, stored)
}
