import type { FilterInput } from '#shared/contract/filter.ts'
import type { StepGroups, VectorModel } from '#shared/contract/similar.ts'
import { CairnError } from '#shared/errors.ts'
import type { Engine } from '../../app/engine.svelte.ts'
import type { Session } from '../../app/session.svelte.ts'
import { startVectors } from './start-vectors.ts'

/** How many groups can be asked for. */
export const COUNTS = [6, 12, 20, 40, 80] as const

/** What was sorted last, so that one who comes back from a trace finds it as it was. */
let kept: {
  readonly key: string
  readonly found: StepGroups
  readonly models: readonly VectorModel[]
  readonly chosen: number
} | null = null
let count = 20

/** The steps of a selection in groups of like ones. */
export class StepGrouping {
  models = $state.raw<readonly VectorModel[]>([])
  /** The model that is compared by; null: the one used last. */
  model = $state<string | null>(null)
  count = $state(count)
  found = $state.raw<StepGroups | null>(null)
  /** The group that is looked at. */
  chosen = $state(0)
  problem = $state<string | null>(null)
  /** There are no vectors yet. */
  missing = $state(false)
  busy = $state(false)
  /** How far the sorting is; null before the first word. */
  progress = $state.raw<{ readonly done: number; readonly total: number } | null>(null)

  readonly #engine: Engine
  readonly #session: Session
  readonly #filter: FilterInput
  #turn = 0
  #making = false

  constructor(engine: Engine, session: Session, filter: FilterInput) {
    this.#engine = engine
    this.#session = session
    this.#filter = filter
  }

  /** Sorts the steps, anew when vectors were made until now: the revision follows only later. */
  async look(making: boolean): Promise<void> {
    const ended = this.#making && !making
    this.#making = making
    await this.sort(ended)
  }

  /** Sorts the steps; `anew` also where that was done before. */
  async sort(anew = false): Promise<void> {
    const mine = ++this.#turn
    count = this.count
    this.problem = null
    const input = {
      ...{ filter: this.#filter, groups: this.count },
      ...(this.model !== null && { model: this.model }),
    }
    const key = JSON.stringify([input, this.#session.info?.path, this.#session.revision])
    if (!anew && kept?.key === key) {
      this.found = kept.found
      this.models = kept.models
      this.chosen = kept.chosen
      this.busy = this.missing = false
      return
    }
    this.busy = true
    this.progress = null
    try {
      const [models, found] = await Promise.all([
        this.#engine.call('similar.models', {}),
        this.#engine.call('similar.groups', input),
      ])
      if (mine !== this.#turn) return
      this.models = models
      this.found = found
      this.missing = false
      this.choose(0, key)
    } catch (thrown) {
      if (mine !== this.#turn) return
      this.missing = thrown instanceof CairnError && thrown.details['vectors'] === 0
      if (!this.missing) this.problem = (thrown as Error).message
    } finally {
      if (mine === this.#turn) this.busy = false
    }
  }

  choose(group: number, key = kept?.key): void {
    this.chosen = group
    if (this.found !== null && key !== undefined)
      kept = { key, found: this.found, models: this.models, chosen: group }
  }

  /** Starts the job that makes vectors of all steps, by the model that is compared by where it is still there. */
  async make(): Promise<void> {
    try {
      const models = { chosen: this.model, shown: this.found?.model }
      this.#session.follow(await startVectors(this.#engine, models))
    } catch (thrown) {
      this.problem = (thrown as Error).message
    }
  }
}
