import { describe, expect, it } from 'vitest'
import { endText } from '#renderer/app/job-end.ts'
import { retryText } from '#renderer/features/library/retry-text.ts'
import { adviceFor } from '#renderer/features/models/advice.ts'
import { verdictReason, verdictText } from '#renderer/features/traces/verdicts.ts'

describe('a verdict in words', () => {
  it('says that Cairn cannot tell, whatever the reason; the reason says more', () => {
    expect(verdictText({ outcome: 'unknown', verified: null })).toBe('cannot tell')
    expect(verdictText({ outcome: 'no_answer', verified: false })).toBe('no answer')
    expect(verdictText({ outcome: null, verified: null })).toBe('')
    const prose = 'a reference in prose: words alone do not tell'
    expect(verdictReason({ reason: prose, checker: 'text' })).toBe(`${prose} · text`)
    expect(verdictReason({ reason: 'nothing to compare with', checker: 'none' })).toBe(
      'nothing to compare with',
    )
  })
})

describe('what can be done to have a model run on the graphics card', () => {
  const why = {
    ...({ provider: 'cpu', reason: 'the CPU was asked for', advice: null } as const),
    ...{ onnxruntime: '', threads: null, processes: 1 },
  }

  it('is to choose it where the CPU was asked for, and nothing where the model always runs there', () => {
    expect(adviceFor({ ...why, cause: 'asked' })).toContain('choose Automatic')
    expect(adviceFor({ ...why, cause: 'model' })).toBeNull()
    expect(adviceFor({ ...why, cause: 'machine' })).toContain('cairn doctor')
    expect(adviceFor({ ...why, cause: 'machine', advice: 'Install CUDA 13.' })).toBe('Install CUDA 13.')
    expect(adviceFor({ ...why, provider: 'cuda', cause: null })).toBeNull()
  })
})

describe('what came of trying rejects again', () => {
  const counts = { read: 0, imported: 0, duplicates: 0, rejected: 0, left: 0 }

  it('counts traces that came in, and records that did not', () => {
    expect(retryText({ ...counts, rejected: 10, left: 1 })).toBe('1 record still rejected.')
    expect(retryText({ ...counts, imported: 1, rejected: 12_000, left: 2_000 })).toBe(
      '1 trace imported, 2,000 records still rejected.',
    )
    expect(retryText({ ...counts, imported: 2, duplicates: 1 })).toBe(
      '2 traces imported, 1 trace already there.',
    )
    expect(retryText(counts)).toBe('Nothing was left to import.')
  })
})

describe('how a job ended', () => {
  const kept = 'Nothing was written.'
  const error = { code: 'disk_full', message: 'The disk is full.' }

  it('is told with what was kept', () => {
    expect(endText({ state: 'interrupted', error: null }, kept)).toBe(
      'Interrupted: Cairn ended before this was done. Nothing was written.',
    )
    expect(endText({ state: 'cancelled', error: null }, kept)).toBe('Stopped. Nothing was written.')
    expect(endText({ state: 'failed', error }, kept)).toBe('The disk is full. Nothing was written.')
  })

  it('is told of none that runs or is done', () => {
    expect(endText({ state: 'running', error: null }, kept)).toBeNull()
    expect(endText({ state: 'done', error: null }, kept)).toBeNull()
  })

  it('says nothing twice', () => {
    const message = 'No trace is left, so nothing was written: 0 rows.'
    expect(endText({ state: 'failed', error: { ...error, message } }, kept)).toBe(message)
  })
})
