import { beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type { Engine } from '#renderer/app/engine.svelte.ts'
import type { Session } from '#renderer/app/session.svelte.ts'
import type { StepGrouping as Grouping } from '#renderer/features/similar/groups.svelte.ts'
import type { Similar as Search } from '#renderer/features/similar/similar.svelte.ts'
import { CairnError } from '#shared/errors.ts'

/** What the engine was asked, and how it answers the sorting that waits longest. */
let asked: [string, object][] = []
let waiting: (() => void)[] = []
let steps: number
/** Models that were removed. */
let gone: string[] = []
let workspaces = 0
let session: Session
let grouping: Grouping
let StepGrouping: typeof Grouping
let Similar: typeof Search

const engine = {
  call(method: string, input: { groups?: number; model?: string }) {
    asked.push([method, input])
    const { model = 'used-last' } = input
    if (method === 'similar.models') return Promise.resolve([{ model, version: '1', traces: steps }])
    if (method === 'similar.start' && input.model !== undefined && gone.includes(input.model))
      return Promise.reject(new CairnError('model_missing', `There is no model "${model}".`))
    if (method !== 'similar.groups') return Promise.resolve({ model, steps: [] })
    const groups = Array.from({ length: input.groups! }, () => ({}))
    const found = { model, steps, groups }
    return new Promise((resolve) => waiting.push(() => resolve(found)))
  },
} as unknown as Engine
const times = (method: string) => asked.filter(([one]) => one === method).length

beforeAll(async () => {
  // Runes are the compiler's: here they are the values themselves.
  const same = <T>(value: T) => value
  vi.stubGlobal('$state', Object.assign(same, { raw: same }))
  ;({ StepGrouping } = await import('#renderer/features/similar/groups.svelte.ts'))
  ;({ Similar } = await import('#renderer/features/similar/similar.svelte.ts'))
})
beforeEach(async () => {
  asked = []
  waiting = []
  gone = []
  steps = 10
  session = { info: { path: `/${workspaces++}` }, revision: 1, follow: () => undefined } as unknown as Session
  grouping = new StepGrouping(engine, session, {})
  grouping.count = 20
  const sorted = grouping.look(false)
  waiting.shift()!()
  await sorted
})

it('groups that are there are shown at once, also while others are made', async () => {
  grouping.count = 40
  const other = grouping.look(false)
  expect(grouping.busy).toBe(true)
  grouping.count = 20
  await grouping.look(false)
  expect(grouping.busy).toBe(false)
  waiting.shift()!()
  await other
  expect(grouping.found!.groups).toHaveLength(20)
  expect(grouping.busy).toBe(false)
})

it('steps are sorted anew when the making of vectors has ended, and only then', async () => {
  await grouping.look(true)
  expect(times('similar.groups')).toBe(1)
  steps = 30
  const anew = grouping.look(false)
  waiting.shift()?.()
  await anew
  expect(grouping.found!.steps).toBe(30)
  await grouping.look(false)
  expect(times('similar.groups')).toBe(2)
})

it('vectors are made by the model that is shown', async () => {
  grouping.model = null
  await grouping.make()
  grouping.model = 'other'
  await grouping.make()
  const similar = new Similar(engine, session, { traceId: 1, step: 0 })
  await similar.make()
  await similar.search()
  await similar.make()
  expect(asked.filter(([method]) => method === 'similar.start').map(([, input]) => input)).toEqual([
    { model: 'used-last' },
    { model: 'other' },
    {},
    { model: 'used-last' },
  ])
})

it('where the model that is shown was removed the engine chooses one, not for who has chosen it', async () => {
  gone = ['used-last']
  const similar = new Similar(engine, session, { traceId: 1, step: 0 })
  await similar.search()
  for (const one of [grouping, similar]) {
    asked = []
    await one.make()
    expect(asked).toEqual([
      ['similar.start', { model: 'used-last' }],
      ['similar.start', {}],
    ])
    expect(one.problem).toBeNull()
    one.model = 'used-last'
    await one.make()
    expect(asked).toHaveLength(3)
    expect(one.problem).toBe('There is no model "used-last".')
  }
})
