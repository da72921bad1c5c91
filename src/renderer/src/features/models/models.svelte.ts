import type { Engine } from '../../app/engine.svelte.ts'
import type { ApiOutput } from '#shared/contract/index.ts'
import type { Machine, ModelInfo, ProviderInfo } from '#shared/contract/classify.ts'
import type { EvaluationResult, PredictedModel } from '#shared/contract/models.ts'
import { bytes } from '../../ui/format.ts'
import type { Job } from '#shared/contract/jobs.ts'

/** What models are for, in a few words. */
const PURPOSES: Readonly<Record<string, string>> = {
  'cairn-accurate': 'For labelling: the most exact',
  'cairn-fast': 'For whole corpora: the quickest',
}

export const purposeOf = ({ id, builtIn, base, tasks }: ModelInfo): string =>
  PURPOSES[id] ??
  (tasks[0] === 'vectors'
    ? 'For finding steps like one another'
    : tasks[0] === 'surprisal'
      ? 'Language model: how surprising a text is'
      : base !== null
        ? 'Learnt from this workspace’s labels'
        : builtIn
          ? 'Comes with Cairn'
          : 'Of this workspace')

/** Of its own files, in words; nothing where it is made of another model. */
export const sizeOf = (model: ModelInfo): string[] => (model.bytes === 0 ? [] : [bytes(model.bytes)])

/** What an evaluation found, and when: an ISO time stamp. */
interface Measured {
  readonly result: EvaluationResult
  readonly at: string
}

/** Another version of a model is another model: what was measured of one says nothing of the other. */
const nameOf = ({ id, version }: Pick<ModelInfo, 'id' | 'version'>): string => `${id} ${version}`

/** Models at hand, what the workspace has of their predictions, and where they run. */
export class Models {
  list = $state.raw<readonly ModelInfo[] | null>(null)
  unreadable = $state.raw<ApiOutput<'models.unreadable'>>([])
  predicted = $state.raw<readonly PredictedModel[]>([])
  /** By model id; a message where it could not be loaded. */
  providers = $state.raw<Readonly<Record<string, ProviderInfo | string>>>({})
  /** The CUDA provider; null where this system can have none, and before that is known. */
  cuda = $state.raw<Machine['cuda']>(null)
  addingCuda = $state(false)
  /** The last evaluation of each version of a model, by its name. */
  evaluations = $state.raw<ReadonlyMap<string, Measured>>(new Map())
  problem = $state<string | null>(null)

  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  async refresh(): Promise<void> {
    try {
      const [list, unreadable, predicted] = await Promise.all([
        this.#engine.call('models.list', {}),
        this.#engine.call('models.unreadable', {}),
        this.#engine.call('models.predicted', {}),
      ])
      this.list = list
      this.unreadable = unreadable
      this.predicted = predicted
      this.problem = null
    } catch (thrown) {
      this.problem = (thrown as Error).message
    }
  }

  /** Has a model loaded, which alone shows where it runs. */
  async place(model: string): Promise<void> {
    if (model in this.providers) return
    let told: ProviderInfo | string
    try {
      told = await this.#engine.call('models.provider', { model })
    } catch (thrown) {
      told = (thrown as Error).message
    }
    this.providers = { ...this.providers, [model]: told }
  }

  /** Puts a model back that was removed. */
  async putBack(model: string): Promise<void> {
    await this.#engine.call('models.restore', { model })
    await this.refresh()
  }

  /** Looks whether models can run on CUDA; where that has changed, those that are asked for are loaded anew. */
  async lookForCuda(): Promise<void> {
    const { cuda } = await this.#engine.call('models.machine', {})
    if (this.cuda !== null && cuda?.there !== this.cuda.there) this.providers = {}
    this.cuda = cuda
  }

  /** Takes the results of the evaluations among the jobs, of which the first is the newest. */
  learn(jobs: readonly Job[]): void {
    const found = new Map<string, Measured>()
    for (const { kind, state, result, updatedAt } of jobs) {
      if (kind !== 'evaluate' || state !== 'done') continue
      const { model, version, curves } = result as unknown as Partial<EvaluationResult>
      // Results that an older Cairn left have no curves.
      if (model === undefined || version === undefined || curves === undefined) continue
      const name = nameOf({ id: model, version })
      if (!found.has(name)) found.set(name, { result: result as unknown as EvaluationResult, at: updatedAt })
    }
    this.evaluations = found
  }

  /** What a model is called; its id where it is not here. */
  titleOf(id: string): string {
    return this.list?.find((one) => one.id === id)?.title ?? id
  }

  /** What the last evaluation of a model, as it is now, has found; null where there was none. */
  evaluationOf(model: ModelInfo): Measured | null {
    return this.evaluations.get(nameOf(model)) ?? null
  }

  /** What the workspace has of a model's predictions; null where it has none of this version. */
  predictionsOf({ id, version }: ModelInfo): PredictedModel | null {
    return this.predicted.find((one) => one.model === id && one.version === version) ?? null
  }
}
