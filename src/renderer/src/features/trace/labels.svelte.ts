import type { ApiInput, ApiOutput } from '#shared/contract/index.ts'
import type { Annotation } from '#shared/contract/labels.ts'
import type { Behaviour } from '#shared/domain/behaviours.ts'
import { changeWords } from '#shared/domain/change-words.ts'
import type { Span } from '#shared/domain/trace.ts'
import type { Engine } from '../../app/engine.svelte.ts'
import type { Outbox } from '../../app/outbox.svelte.ts'
import { edited, shown, withEdits, type Edit } from './label-edits.ts'

/** What is to be done to labels in one go, and taken back by one undo. */
export type LabelChange = Pick<ApiInput<'labels.apply'>, 'add' | 'update' | 'remove' | 'join'>

/** The labels of one trace. A change is painted at once and taken back if the engine refuses it. */
export class Labels {
  #stored = $state.raw<readonly Annotation[]>([])
  #edits = $state.raw<readonly Edit[]>([])
  readonly all = $derived(shown(this.#stored, this.#edits))
  /** Ids that the engine gave to labels made here, by those that stood for them. */
  #born = $state.raw<ReadonlyMap<number, number>>(new Map())

  readonly #engine: Engine
  readonly #outbox: Outbox
  readonly #traceId: number
  #turn = 0
  #reading = false
  readonly #saving = new Set<string>()

  constructor(engine: Engine, outbox: Outbox, traceId: number) {
    this.#engine = engine
    this.#outbox = outbox
    this.#traceId = traceId
  }

  async read(): Promise<void> {
    const turn = ++this.#turn
    this.#reading = true
    const stored = await this.#engine.call('labels.list', { traceId: this.#traceId })
    if (turn !== this.#turn) return
    this.#reading = false
    this.#stored = stored
  }

  /** Whether this is a change made here that waits for its answer, which says all that came of it. */
  awaits(token: string | undefined): boolean {
    return token !== undefined && this.#saving.has(token)
  }

  /** A label by its id, also by the one it had before the engine knew it. */
  get(id: number): Annotation | undefined {
    const now = this.#born.get(id) ?? id
    return this.all.find((one) => one.id === now)
  }

  /** A person's own label of exactly this span and behaviour. */
  find({ start, end }: Span, behaviour: Behaviour, annotator: string): Annotation | undefined {
    return this.all.find(
      (one) =>
        one.start === start && one.end === end && one.behaviour === behaviour && one.annotator === annotator,
    )
  }

  /**
   * Changes labels. Answers the ids of those added at once; `done` rejects when the engine refuses.
   * @param textHash of the response that the offsets are of
   * @param ids that stand for those added; new ones unless told
   */
  apply(
    change: LabelChange,
    annotator: string,
    textHash: string,
    ids: readonly number[] = (change.add ?? []).map(() => this.#outbox.unborn()),
  ): { readonly ids: readonly number[]; readonly done: Promise<void> } {
    const edit = edited(this.all, change, ids, { traceId: this.#traceId, annotator, textHash })
    this.#edits = [...this.#edits, edit]
    const input = { traceId: this.#traceId, annotator, textHash, ...change }
    return { ids, done: this.#save(edit, input, ids) }
  }

  async #save(edit: Edit, input: ApiInput<'labels.apply'>, ids: readonly number[]): Promise<void> {
    const token = crypto.randomUUID()
    this.#saving.add(token)
    try {
      const title = changeWords(edit.changes)
      this.#keep(await this.#outbox.send('labels.apply', input, title, ids, token), input, ids)
    } finally {
      this.#saving.delete(token)
      this.#edits = this.#edits.filter(({ changes }) => changes !== edit.changes)
    }
  }

  #keep(
    { added, updated, removed }: ApiOutput<'labels.apply'>,
    { update = [] }: ApiInput<'labels.apply'>,
    ids: readonly number[],
  ): void {
    // What was being read may lack this change.
    if (this.#reading) this.read().catch(() => undefined)
    const merged = update.map(({ id }) => id).filter((id, index) => updated[index]?.id !== id)
    this.#stored = withEdits(this.#stored, [...added, ...updated], [...removed, ...merged])
    const born = new Map(ids.map((id, index) => [id, added[index]!.id]))
    this.#born = new Map([...this.#born, ...born])
    const idOf = (id: number) => born.get(id) ?? id
    this.#edits = this.#edits.map(({ changes, put, drop }) => ({
      changes,
      put: put.map((one) => ({ ...one, id: idOf(one.id) })),
      drop: drop.map(idOf),
    }))
  }
}
