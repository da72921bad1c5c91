import { describe, expect, it } from 'vitest'
import type { JobStore } from '#engine/db/jobs.ts'
import { createJobs } from '#engine/services/jobs.ts'
import type { Job, JobProgress } from '#shared/contract/jobs.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'

const clock = { now: () => '2026-01-01T00:00:00.000Z' }

/** A store in memory whose saving can be made to fail, as on a full disk. */
function memoryStore() {
  const rows = new Map<number, Job>()
  const failing = { save: false }
  const store: JobStore = {
    add(kind, input: Json, progress: JobProgress, at) {
      const id = rows.size + 1
      rows.set(id, {
        id,
        kind,
        state: 'running',
        input,
        progress,
        result: null,
        error: null,
        createdAt: at,
        updatedAt: at,
      })
      return id
    },
    get: (id) => structuredClone(rows.get(id) ?? null),
    list: () => [...rows.values()].reverse(),
    save(job) {
      if (failing.save) throw new Error('database or disk is full')
      rows.set(job.id, structuredClone(job))
    },
    interruptRunning: () => undefined,
  }
  return { store, failing }
}

function setUp() {
  const { store, failing } = memoryStore()
  const jobs = createJobs({ store, emit: () => undefined, clock })
  return { jobs, store, failing }
}

describe('jobs', () => {
  it('are told without the long lists they were started with, but for files', async () => {
    const { store } = memoryStore()
    const told: Job[] = []
    const jobs = createJobs({
      store,
      emit: (_, payload) => void told.push(payload as Job),
      clock,
    })
    const paths = Array.from({ length: 300 }, (_, at) => `${at}.jsonl`)
    const input = { paths, filter: { ids: Array.from({ length: 1000 }, (_, id) => id) } }
    jobs.register('export', async (given, { report }) => {
      report({ done: 1 })
      return { ids: (given as typeof input).filter.ids.length }
    })
    const { id } = jobs.start('export', input)
    expect(await jobs.handlers['jobs.wait']({ id })).toMatchObject({ input, result: { ids: 1000 } })
    expect(told.map(({ state }) => state)).toEqual(['running', 'running', 'done'])
    for (const job of [...told, ...(await jobs.handlers['jobs.list']({}))])
      expect(job.input).toEqual({ paths, filter: { ids: input.filter.ids.slice(0, 100) } })
  })

  it('end as their runner does, and say why', async () => {
    const { jobs } = setUp()
    jobs.register('export', async () => ({ rows: 3 }))
    jobs.register('import', async () => {
      throw new CairnError('disk_full', 'no room')
    })
    const { id } = jobs.start('export', {})
    expect(await jobs.handlers['jobs.wait']({ id })).toMatchObject({
      state: 'done',
      result: { rows: 3 },
      error: null,
    })
    const failed = jobs.start('import', {})
    expect(await jobs.handlers['jobs.wait']({ id: failed.id })).toMatchObject({
      state: 'failed',
      error: { code: 'disk_full', message: 'no room' },
    })
  })

  it('tell how they ended even when that cannot be written down', async () => {
    const { jobs, failing } = setUp()
    let finish = () => undefined as void
    jobs.register(
      'import',
      () => new Promise((_, reject) => (finish = () => reject(new CairnError('disk_full', 'no room')))),
    )
    const { id } = jobs.start('import', {})
    failing.save = true
    finish()
    expect(await jobs.handlers['jobs.wait']({ id })).toMatchObject({
      state: 'failed',
      error: { code: 'disk_full' },
    })
    // Asked later, the answer is the same: the row still says "running".
    expect(await jobs.handlers['jobs.get']({ id })).toMatchObject({ state: 'failed' })
    expect(await jobs.handlers['jobs.list']({})).toMatchObject([{ state: 'failed' }])
    failing.save = false
    jobs.register('import', async () => ({ read: 1 }))
    await jobs.handlers['jobs.resume']({ id })
    expect(await jobs.handlers['jobs.wait']({ id })).toMatchObject({ state: 'done', error: null })
    await jobs.close()
  })

  it('that nobody waits for do not take the process down', async () => {
    const { jobs, failing } = setUp()
    jobs.register('import', async () => {
      failing.save = true
      throw new CairnError('disk_full', 'no room')
    })
    // An unhandled rejection would fail this test run.
    jobs.start('import', {})
    await new Promise((resolve) => setTimeout(resolve, 20))
    await jobs.close()
  })

  it('do not fail because their progress cannot be written down', async () => {
    const { jobs, failing } = setUp()
    jobs.register('export', async (_, { report }) => {
      failing.save = true
      report({ done: 1 })
      failing.save = false
      return 'whole'
    })
    const { id } = jobs.start('export', {})
    expect(await jobs.handlers['jobs.wait']({ id })).toMatchObject({ state: 'done', result: 'whole' })
  })

  it('say what they change about traces however they end, before they say that they have ended', async () => {
    const told: string[] = []
    const jobs = createJobs({
      store: memoryStore().store,
      emit: (name, payload) => void told.push(name === 'jobs.changed' ? (payload as Job).state : name),
      clock,
    })
    const ends = { graphs: async () => null, verify: () => Promise.reject(new Error('broke off')) }
    jobs.register('graphs', ends.graphs, 'graphs')
    jobs.register('verify', ends.verify, 'verify')
    jobs.register('export', ends.graphs)
    for (const kind of ['graphs', 'verify', 'export'] as const)
      await jobs.handlers['jobs.wait']({ id: jobs.start(kind, {}).id })
    expect(told).toEqual([
      ...['running', 'traces.changed', 'done'],
      ...['running', 'traces.changed', 'failed'],
      ...['running', 'done'],
    ])
  })

  it('are cancelled by the user, interrupted by the end, and resumable after both', async () => {
    const { jobs, store } = setUp()
    jobs.register(
      'classify',
      (_, { signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({}))),
    )
    const first = jobs.start('classify', {})
    expect(await jobs.handlers['jobs.cancel']({ id: first.id })).toMatchObject({ state: 'cancelled' })
    await jobs.handlers['jobs.resume']({ id: first.id })
    await jobs.close()
    expect(store.get(first.id)).toMatchObject({ state: 'interrupted' })
  })

  it('that are done are not resumed, and unknown ones are named', async () => {
    const { jobs } = setUp()
    jobs.register('export', async () => null)
    const { id } = jobs.start('export', {})
    await jobs.handlers['jobs.wait']({ id })
    const resume = async (which: number) => jobs.handlers['jobs.resume']({ id: which })
    await expect(resume(id)).rejects.toMatchObject({ code: 'conflict' })
    await expect(resume(99)).rejects.toMatchObject({ code: 'not_found' })
  })
})
