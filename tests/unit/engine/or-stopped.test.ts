import { describe, expect, it } from 'vitest'
import { createAdapt } from '#engine/services/adapt.ts'
import type { JobContext, JobRunner } from '#engine/services/jobs.ts'
import { orStopped } from '#engine/services/or-stopped.ts'
import { createOwn } from '#engine/services/own.ts'

const never = new Promise<never>(() => undefined)

describe('a job that waits for what others share', () => {
  it('has its value, or what went wrong, while it is not stopped', async () => {
    const { signal } = new AbortController()
    expect(await orStopped(Promise.resolve(3), signal)).toBe(3)
    await expect(orStopped(Promise.reject(new Error('no')), signal)).rejects.toThrow('no')
    expect(await orStopped(never, AbortSignal.abort())).toBe(null)
  })

  it('ends when it is stopped, however long that takes', async () => {
    const runners: Record<string, JobRunner> = {}
    const jobs = { register: (kind: string, run: JobRunner) => (runners[kind] = run) }
    const looks = { ensemble: () => ({}), at: () => never }
    const store = { find: () => ({ name: 'mine', examples: 100, head: null }), labelledTraces: () => [1, 2] }
    createOwn({ jobs, looks, store, path: '' } as never)
    createAdapt({ jobs, looks, models: ['resources/models'], examples: () => never } as never)
    for (const [kind, input] of [
      ['own-train', { behaviour: 1 }],
      ['adapt', { judged: true, device: 'cpu' }],
    ] as const) {
      const abort = new AbortController()
      const context = { signal: abort.signal, report: () => undefined } as unknown as JobContext
      const job = runners[kind]!(input, context)
      setTimeout(() => abort.abort(), 10)
      expect(await job).toBe(null)
    }
  })
})
