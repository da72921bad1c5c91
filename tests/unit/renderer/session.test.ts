import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Engine } from '#renderer/app/engine.svelte.ts'
import { Session } from '#renderer/app/session.svelte.ts'
import { CairnError } from '#shared/errors.ts'
import type { Job } from '#shared/contract/jobs.ts'

const turn = () => new Promise((resolve) => setTimeout(resolve))
const job = (state: Job['state']) =>
  ({ id: 7, kind: 'adapt', state, input: { model: 'm' } }) as unknown as Job

/** An engine whose sums take until they are let go, as those over many traces do. */
function slowEngine() {
  const listeners = new Map<string, (payload: never) => void>()
  const sums: { go: () => void; fail: () => void }[] = []
  const here = {
    stored: 'Ann',
    jobs: [] as Job[],
    /** Has the engine answer what it was asked for, or change a setting, only when told. */
    late: [] as (() => void)[],
    slow: false,
  }
  const after = <T>(make: () => T) =>
    new Promise<T>((resolve) => {
      if (here.slow) here.late.push(() => resolve(make()))
      else resolve(make())
    })
  const asked: string[] = []
  const call = (method: string) => {
    asked.push(method)
    if (method === 'settings.get') {
      // As it is when it is asked for.
      const { stored } = here
      return after(() => ({ annotator: stored }))
    }
    if (method === 'jobs.list') return Promise.resolve([...here.jobs])
    return new Promise((resolve, reject) =>
      sums.push({
        go: () => resolve(method === 'own.list' ? [] : { traces: 1 }),
        fail: () => reject(new CairnError('internal', method)),
      }),
    )
  }
  const save = (_method: string, { annotator }: { annotator: string }) =>
    after(() => void (here.stored = annotator))
  const on = (name: string, listener: (payload: never) => void) => void listeners.set(name, listener)
  const session = new Session({ call, save, on } as unknown as Engine)
  const emit = (name: 'jobs.changed' | 'labels.changed' | 'traces.changed', payload: unknown) =>
    listeners.get(name)!(payload as never)
  const tell = (told: Job) => emit('jobs.changed', told)
  return { here, session, sums, asked, tell, emit }
}

describe('what every view shares', () => {
  it('is there as soon as the engine has said it, however long sums take', async () => {
    const { here, session, sums } = slowEngine()
    here.jobs = [job('running')]
    const read = session.refresh()
    await turn()
    expect(session.annotator).toBe('Ann')
    expect(session.latest('adapt', 'm')?.state).toBe('running')
    const [info, own] = sums
    own!.fail()
    info!.go()
    await expect(read).rejects.toMatchObject({ message: 'own.list' })
    expect(session.info).toMatchObject({ traces: 1 })
  })

  it('is not put back to what it was before sums were asked for', async () => {
    const { here, session, sums, tell } = slowEngine()
    const read = session.refresh()
    await turn()
    await session.setAnnotator('Bea')
    session.follow(job('running'))
    expect(session.running).toHaveLength(1)
    for (const { go } of sums.splice(0)) go()
    await read
    expect([session.annotator, here.stored]).toEqual(['Bea', 'Bea'])
    expect(session.latest('adapt', 'm')?.state).toBe('running')

    here.jobs = [job('running')]
    const again = session.refresh()
    await turn()
    tell(job('done'))
    for (const { go } of sums.splice(0)) go()
    await again
    expect(session.jobs).toMatchObject([{ state: 'done' }])
  })

  it('reads the sums alone when labels change, and all when traces do as well', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const { session, sums, asked, emit } = slowEngine()
    emit('labels.changed', { traceId: 1 })
    emit('labels.changed', { traceId: 2 })
    await vi.advanceTimersByTimeAsync(0)
    expect(asked).toEqual(['workspace.info'])
    expect([session.revision, session.labelled]).toEqual([0, 1])
    sums.pop()!.go()
    await vi.advanceTimersByTimeAsync(100)
    expect(session.info).toMatchObject({ traces: 1 })

    emit('labels.changed', { traceId: 1 })
    emit('traces.changed', { reason: 'import' })
    emit('labels.changed', { traceId: 1 })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(asked).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(500)
    expect(asked.slice(1).toSorted()).toEqual(['jobs.list', 'own.list', 'settings.get', 'workspace.info'])
    expect([session.revision, session.labelled]).toEqual([1, 1])
  })

  it.each([
    ['before', (session: Session) => [session.refresh(), session.setAnnotator('Bea')]],
    ['after', (session: Session) => [session.setAnnotator('Bea'), session.refresh()]],
  ])('keeps a name that is set just %s the old one is read', async (_when, both) => {
    const { here, session, sums } = slowEngine()
    here.slow = true
    const done = both(session)
    await turn()
    for (const answer of here.late) answer()
    for (const { go } of sums) go()
    await Promise.all(done)
    expect(session.annotator).toBe('Bea')
    // Another window's is taken again.
    here.slow = false
    here.stored = 'Cy'
    const read = session.refresh()
    await turn()
    for (const { go } of sums) go()
    await read
    expect(session.annotator).toBe('Cy')
  })
})
