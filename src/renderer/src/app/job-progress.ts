import type { JobProgress } from '#shared/contract/jobs.ts'
import { bytes, count, plural } from '../ui/format.ts'

/** How far a job has come, in words; empty before anything is known. */
export function progressText({ done, total, unit, traces, note }: JobProgress): string {
  const amount = unit === 'bytes' ? bytes : count
  const far = total === null ? (done > 0 ? amount(done) : '') : `${amount(done)} of ${amount(total)}`
  const read = unit === 'bytes' && traces > 0 ? plural(traces, 'trace') : ''
  return [far === '' || unit === 'bytes' ? far : `${far} traces`, read, note]
    .filter((part) => part !== '')
    .join(' · ')
}
