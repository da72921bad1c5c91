import type { Engine } from '../../app/engine.svelte.ts'
import type { ModelInfo, ProviderInfo } from '#shared/contract/classify.ts'
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
        ? 'Learnt from your labels'
        : builtIn
          ? 'Comes with Cairn'
          : 'Of this workspace')

/** Of its own files, in words; nothing where it is made of another model. */
export const sizeOf = (model: ModelInfo): string[] => (model.bytes === 0 ? [] : [bytes(model.bytes)])

/** Models at hand, what the workspace has of their predictions, and where they run. */
export class Models {
  list = $state.raw<readonly ModelInfo[] | null>(null)
  predicted = $state.raw<readonly PredictedModel[]>([])
  /** By model id; a message where it could not be loaded. */
  providers = $state.raw<Readonly<Record<string, ProviderInfo | string>>>({})
  /** Result of the last evaluation of each model, newest first in time. */
  evaluations = $state.raw<Readonly<Record<string, EvaluationResult>>>({})
  problem = $state<string | null>(null)

  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
  }

  async refresh(): Promise<void> {
    try {
      const [list, predicted] = await Promise.all([
        this.#engine.call('models.list', {}),
        this.#engine.call('models.predicted', {}),
      ])
      this.list = list
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

  /** Takes the results of the evaluations among the jobs, of which the first is the newest. */
  learn(jobs: readonly Job[]): void {
    const found: Record<string, EvaluationResult> = {}
    for (const { kind, state, result } of jobs) {
      if (kind !== 'evaluate' || state !== 'done') continue
      const one = result as unknown as Partial<EvaluationResult>
      // Results that an older Cairn left have no curves.
      if (one.model !== undefined && one.curves !== undefined) found[one.model] ??= one as EvaluationResult
    }
    this.evaluations = found
  }

  /** What the workspace has of a model's predictions; null where it has none of this version. */
  predictionsOf({ id, version }: ModelInfo): PredictedModel | null {
    return this.predicted.find((one) => one.model === id && one.version === version) ?? null
  }
}
