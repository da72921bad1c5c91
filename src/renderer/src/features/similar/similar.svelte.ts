import type { SimilarSteps, VectorModel } from '#shared/contract/similar.ts'
import { CairnError } from '#shared/errors.ts'
import type { Engine } from '../../app/engine.svelte.ts'
import type { Session } from '../../app/session.svelte.ts'
import { startVectors } from './start-vectors.ts'

/** A search for the steps most like one step. */
export class Similar {
  models = $state.raw<readonly VectorModel[]>([])
  /** The model that is compared by; null: the one used last. */
  model = $state<string | null>(null)
  elsewhere = $state(true)
  found = $state.raw<SimilarSteps | null>(null)
  problem = $state<string | null>(null)
  /** There are no vectors yet. */
  missing = $state(false)
  busy = $state(false)

  readonly #engine: Engine
  readonly #session: Session
  readonly #like: { traceId: number; step: number }
  #turn = 0

  constructor(engine: Engine, session: Session, like: { traceId: number; step: number }) {
    this.#engine = engine
    this.#session = session
    this.#like = like
  }

  async search(): Promise<void> {
    const mine = ++this.#turn
    this.busy = true
    this.problem = null
    try {
      const [models, found] = await Promise.all([
        this.#engine.call('similar.models', {}),
        this.#engine.call('similar.find', {
          like: this.#like,
          elsewhere: this.elsewhere,
          ...(this.model !== null && { model: this.model }),
        }),
      ])
      if (mine !== this.#turn) return
      this.models = models
      this.found = found
      this.missing = false
    } catch (thrown) {
      if (mine !== this.#turn) return
      this.missing = thrown instanceof CairnError && thrown.details['vectors'] === 0
      if (!this.missing) this.problem = (thrown as Error).message
    } finally {
      if (mine === this.#turn) this.busy = false
    }
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
