import { typedDbError } from '../db/connection.ts'
import type { NextTexts, PendingText } from '../db/pending-texts.ts'
import type { LoadedModel } from '../inference/host.ts'
import type { ModelFacts } from '../inference/models.ts'
import type { JobContext } from './jobs.ts'

/** What a model makes of all traces that it has made nothing of yet. */
export interface ModelWork<Result> {
  path: string
  model: Pick<ModelFacts, 'id' | 'version' | 'kind'>
  loaded: LoadedModel
  total: number
  /** Does first what needs no computing, page by page; yields how many traces each had. */
  restore?: () => Iterable<number>
  /** First asked when nothing is left to restore. */
  pending: NextTexts
  compute: (page: readonly PendingText[]) => Promise<Result>
  /** Stores what was made of a page, all or nothing. */
  keep: (page: readonly PendingText[], result: Result) => void
}

/** What a job of a model tells of itself. */
export interface ModelJobResult {
  traces: number
  model: string
  version: string
  provider: string
  reason: string
}

/** Text per batch, in UTF-16 units: long enough to keep the model busy, short enough that a cancel is prompt. */
const batchChars = ({ kind }: Pick<ModelFacts, 'kind'>, { info }: LoadedModel) =>
  kind === 'hashed-ngrams' || info.provider === 'cuda' ? 400_000 : 20_000

/**
 * Gives a model page after page, one for each of its processes and one more, and stores what comes of them in their
 * order: a killed process loses what was not stored, and going on computes nothing twice into the store.
 * @throws CairnError as the model's work and the database do
 */
export async function runModel<Result>(
  { path, model, loaded, total, restore = () => [], pending, compute, keep }: ModelWork<Result>,
  { signal, report }: JobContext,
): Promise<ModelJobResult> {
  const { provider, reason, processes } = loaded.info
  report({ done: 0, total, unit: 'traces', note: `${model.id} ${model.version} on ${provider}` })
  let done = 0
  const tell = (more: number) => {
    done += more
    report({ done, traces: done })
  }

  const chars = batchChars(model, loaded)
  const submit = () => {
    const page = pending(chars)
    if (page.length === 0) return null
    const result = compute(page)
    result.catch(() => undefined)
    return { page, result }
  }
  try {
    for (const count of restore()) {
      tell(count)
      await new Promise((resolve) => setImmediate(resolve))
      if (signal.aborted) break
    }
    const queue = Array.from({ length: processes + 1 }, submit)
    for (let next = queue.shift(); next != null && !signal.aborted; next = queue.shift()) {
      const result = await next.result
      if (signal.aborted) break
      queue.push(submit())
      keep(next.page, result)
      tell(next.page.length)
    }
  } catch (thrown) {
    throw typedDbError(thrown, path)
  }
  return { traces: done, model: model.id, version: model.version, provider, reason }
}
