import type { Job, JobKind } from '#shared/contract/jobs.ts'
import type { Json } from '#shared/domain/trace.ts'

/**
 * The newest job of a kind, and of a model where one is named; null where it is not followed. One before it does not
 * take its place: what it has come to was told then.
 * @param jobs the newest first
 * @param followed ids of those whose course the person sees
 */
export function latestJob(
  jobs: readonly Job[],
  followed: Pick<ReadonlySet<number>, 'has'>,
  kind: JobKind,
  model?: string,
): Job | null {
  const newest = jobs.find(
    ({ kind: own, input }) =>
      own === kind && (model === undefined || (input as { readonly model?: Json } | null)?.model === model),
  )
  return newest !== undefined && followed.has(newest.id) ? newest : null
}
