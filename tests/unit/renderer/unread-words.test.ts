import { expect, it } from 'vitest'
import { jobText } from '#renderer/features/library/job-text.ts'
import type { ModelRunResult } from '#shared/contract/classify.ts'
import type { Job } from '#shared/contract/jobs.ts'

it('a job that is done says which traces its model could not read, and why', () => {
  const result: ModelRunResult = {
    ...{ traces: 9, failed: 23, model: 'm', version: '1', provider: 'cpu', reason: '' },
    failures: [
      { reason: 'Its memory ran out.', traces: 22, ids: [3, 17] },
      { reason: 'It ended.', traces: 1, ids: [40] },
    ],
  }
  const job = { state: 'done', error: null, result } as unknown as Job
  expect(jobText(job)).toBe(
    '9 traces · on CPU · 22 traces could not be read (3, 17, …): Its memory ran out. · 1 trace could not be read (40): It ended.',
  )
  // Failures of other jobs are of files.
  const failures = [{ file: 'a', code: 'input_unreadable', message: 'no' }]
  expect(jobText({ ...job, result: { imported: 3, failures } })).toBe('3 imported')
})
