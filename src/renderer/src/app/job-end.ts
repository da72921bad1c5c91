import type { Job } from '#shared/contract/jobs.ts'

/**
 * How a job ended that is not done, in words; null while it runs, and of one that is done.
 * @param kept what that left as it was, a sentence; not said twice where the failure says it too
 */
export function endText({ state, error }: Pick<Job, 'state' | 'error'>, kept: string): string | null {
  if (state === 'running' || state === 'done') return null
  const why = {
    failed: error?.message ?? 'It failed.',
    cancelled: 'Stopped.',
    interrupted: 'Interrupted: Cairn ended before this was done.',
  }[state]
  const said = why.toLowerCase().includes(kept.toLowerCase().replace(/\.$/, ''))
  return said ? why : `${why} ${kept}`
}
