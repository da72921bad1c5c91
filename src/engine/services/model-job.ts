import type { ModelRunResult } from '#shared/contract/classify.ts'
import { typedDbError } from '../db/connection.ts'
import type { NextTraces } from '../db/pending-texts.ts'
import type { LoadedModel } from '../inference/host.ts'
import type { ModelFacts } from '../inference/models.ts'
import { createBreath } from './breath.ts'
import type { JobContext } from './jobs.ts'
import { createUnread, readableParts } from './unread.ts'

/** What a model makes of all traces that it has made nothing of yet. */
export interface ModelWork<Trace extends { id: number }, Result> {
  path: string
  model: Pick<ModelFacts, 'id' | 'version' | 'kind'>
  loaded: LoadedModel
  total: number
  /** What the job says of itself; else which model it runs, and where. */
  note?: string
  /** Does first what needs no computing, page by page; yields how many traces each had. */
  restore?: () => Iterable<number>
  /** First asked when nothing is left to restore. */
  pending: NextTraces<Trace>
  compute: (page: readonly Trace[]) => Promise<Result>
  /** Reads a sentence; rejects where the model can read nothing at all. */
  works: () => Promise<unknown>
  /** Stores what was made of a page, all or nothing. */
  keep: (page: readonly Trace[], result: Result) => void
}

/** Text per batch, in UTF-16 units: long enough to keep the model busy, short enough that a stop costs little. */
const batchChars = ({ kind }: Pick<ModelFacts, 'kind'>, { info }: LoadedModel) =>
  kind === 'hashed-ngrams' || info.provider === 'cuda' ? 400_000 : 20_000

/**
 * Gives a model page after page, one for each of its processes and one more, and stores what comes of them in their
 * order: a killed process loses what was not stored, and going on computes nothing twice into the store. Traces that
 * the model cannot read are told of in the end; they stay pending, and the next job tries them again.
 * @throws CairnError as the model's work and the database do
 */
export async function runModel<Trace extends { id: number }, Result>(
  { path, model, loaded, total, note, restore = () => [], ...work }: ModelWork<Trace, Result>,
  { signal, report }: JobContext,
): Promise<ModelRunResult> {
  const { pending, compute, works, keep } = work
  const { provider, reason, processes } = loaded.info
  report({ done: 0, total, unit: 'traces', note: note ?? `${model.id} ${model.version} on ${provider}` })
  const unread = createUnread()
  let done = 0
  const tell = (more: number) => {
    done += more
    report({ done: done + unread.count(), traces: done })
  }

  const chars = batchChars(model, loaded)
  const submit = () => {
    const page = pending(chars)
    if (page.length === 0) return null
    const result = compute(page)
    const settled = result.then(
      () => undefined,
      () => undefined,
    )
    return { page, result, settled }
  }
  try {
    for (const count of restore()) {
      tell(count)
      await new Promise((resolve) => setImmediate(resolve))
      if (signal.aborted) break
    }
    const queue = Array.from({ length: processes + 1 }, submit)
    for (let next = queue.shift(); next != null && !signal.aborted; next = queue.shift()) {
      await next.settled
      if (signal.aborted) break
      queue.push(submit())
      for await (const [part, result] of readableParts(next.page, next.result, compute, works, unread)) {
        if (signal.aborted) break
        keep(part, result)
        tell(part.length)
      }
    }
  } catch (thrown) {
    // What is computed when a job is stopped is given up.
    if (!signal.aborted) throw typedDbError(thrown, path)
  }
  const told = { failed: unread.count(), failures: unread.told() }
  return { traces: done, ...told, model: model.id, version: model.version, provider, reason }
}

/** Forgets page by page what a finished job has made superfluous; a job that is stopped leaves the rest to the next one. */
export async function forget(pages: Iterable<void>, { signal }: JobContext): Promise<void> {
  const breathe = createBreath()
  if (signal.aborted) return
  for (const _ of pages) {
    await breathe()
    if (signal.aborted) return
  }
}
