import { describe, expect, it } from 'vitest'
import { createAdapt } from '#engine/services/adapt.ts'
import type { JobContext, JobRunner } from '#engine/services/jobs.ts'
import { orStopped } from '#engine/services/or-stopped.ts'
import { createOwn } from '#engine/services/own.ts'
import { CairnError } from '#shared/errors.ts'

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
    const store = {
      require: () => ({ name: 'mine', head: null }),
      examples: () => 100,
      labelledTraces: () => [1, 2],
    }
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

  it('learns heads off the engine’s thread, and stops there, too', async () => {
    const runners: Record<string, JobRunner> = {}
    const jobs = { register: (kind: string, run: JobRunner) => (runners[kind] = run) }
    const looks = { ensemble: () => ({ names: ['own', 'other'] }) }
    const found = [{ heads: 2, group: '', logits: new Float32Array(8), labels: new Uint8Array(4) }]
    const abort = new AbortController()
    const learnHeads = (heads: number, traces: unknown, thresholds: number[], signal: AbortSignal) => {
      expect([heads, traces, thresholds.length]).toEqual([2, found, 4])
      setTimeout(() => abort.abort(), 10)
      return new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(new CairnError('cancelled', 'Stopped.'))),
      )
    }
    const examples = async () => ({ found })
    createAdapt({
      ...{ jobs, looks, examples, inference: { learnHeads }, models: ['resources/models'] },
    } as never)
    const context = { signal: abort.signal, report: () => undefined } as unknown as JobContext
    await expect(runners['adapt']!({ judged: true, device: 'cpu' }, context)).rejects.toMatchObject({
      code: 'cancelled',
    })
  })
})
