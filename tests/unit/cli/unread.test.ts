import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { EngineClient } from '#engine/create-engine.ts'
import type { UnreadTraces } from '#shared/contract/classify.ts'
import type { Job } from '#shared/contract/jobs.ts'
import type { ImportReport } from '#cli/import-options.ts'
import { classifyRollouts, exitOnRejects } from '#cli/rollouts.ts'

let told: string
let before: typeof process.exitCode
beforeEach(() => {
  told = ''
  before = process.exitCode
  process.exitCode = undefined
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
    told += String(line)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = before
})

/** An engine whose classification reads some traces, and others not. */
function reading(traces: number, failures: readonly UnreadTraces[]): EngineClient {
  const job = { id: 1, state: 'done', result: { traces, failed: 0, failures } } as unknown as Job
  const client = { on: () => () => undefined, call: () => Promise.resolve(job) }
  return client as unknown as EngineClient
}
const UNREAD = { reason: 'The model failed.', traces: 2, ids: [4, 7] }
const CLEAN = { failures: [], rejected: 0, read: 3 } as unknown as ImportReport

it('tells of traces that a model could not read, and fails at them even where others were read', async () => {
  await classifyRollouts(reading(3, [UNREAD]), {})
  expect(told).toContain('2 traces could not be read (4, 7): The model failed.')
  expect(process.exitCode).toBe(1)
  exitOnRejects({ ...CLEAN, rejected: 1 }, { strict: true })
  expect(process.exitCode).toBe(1)
})

it('says nothing where all were read', async () => {
  await classifyRollouts(reading(3, []), {})
  expect(told).toBe('')
  exitOnRejects(CLEAN, {})
  expect(process.exitCode).toBeUndefined()
  exitOnRejects({ ...CLEAN, rejected: 1 }, { strict: true })
  expect(process.exitCode).toBe(3)
})
