import type { Task } from '#shared/domain/models/manifest.ts'

type Texts = { prompt: string; response: string }[]

/** What a model does, in whatever process it is loaded. */
interface Able {
  classify(traces: Texts): Promise<unknown>
  embed(traces: Texts): Promise<unknown>
  score(traces: Texts): Promise<unknown>
}

const TRY: Record<Task, (model: Able, traces: Texts) => Promise<unknown>> = {
  behaviours: (model, traces) => model.classify(traces),
  vectors: (model, traces) => model.embed(traces),
  surprisal: (model, traces) => model.score(traces),
}

/** A trace that every model can read. */
export const SENTENCE = { prompt: '', response: 'Let me check that.' }

/** One sentence tells whether a model runs at all, before anyone relies on it. @throws what the model throws */
export const tryModel = async (task: Task, model: Able): Promise<void> => {
  await TRY[task](model, [SENTENCE])
}
