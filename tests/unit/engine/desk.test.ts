import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { FilterInput } from '#shared/contract/filter.ts'
import { engineFor } from './engine-for.ts'
import { ended } from './support.ts'

const ROWS = [
  { run: 'a', prompt: 'p', response: 'one', correct: true, reward: 1 },
  { run: 'a', prompt: 'p', response: 'three', correct: false, reward: 0 },
  { run: 'b', prompt: 'p', response: 'seven', reward: 0.5 },
  { run: 'b', prompt: 'p', response: 'eleven', correct: true },
]

const opened = engineFor('file')
const write = (rows: readonly object[], name: string) =>
  opened.put(name, rows.map((row) => JSON.stringify(row)).join('\n'))
const importRows = async (rows: readonly object[], name: string) => {
  const { client } = opened
  await ended(client, await client.call('imports.start', { paths: [write(rows, name)] }))
}

beforeAll(async () => {
  await importRows(ROWS, 'rows.jsonl')
})

describe('distributions', () => {
  const histogram = (column: 'run' | 'correct' | 'reward' | 'length', filter: FilterInput = {}) =>
    opened.client.call('traces.histogram', { column, filter, bins: 4 })

  it('are those of the selection, with what is not known', async () => {
    expect(await histogram('correct')).toEqual({
      kind: 'names',
      names: [
        { name: 'correct', count: 2 },
        { name: 'wrong', count: 1 },
      ],
      missing: 1,
    })
    expect(await histogram('run', { correct: true })).toEqual({
      kind: 'names',
      names: [
        { name: 'a', count: 1 },
        { name: 'b', count: 1 },
      ],
      missing: 0,
    })
    const reward = await histogram('reward', { except: [2] })
    expect(reward).toMatchObject({ kind: 'numbers', missing: 1 })
    expect(reward.kind === 'numbers' && reward.bins.filter(({ count }) => count > 0)).toMatchObject([
      { count: 1, least: 0.5, most: 0.5 },
      { count: 1, least: 1, most: 1 },
    ])
  })

  it('see what has changed since they were asked for', async () => {
    const { client } = opened
    expect(await histogram('run', { labelled: true })).toMatchObject({ names: [] })
    await client.call('labels.add', {
      ...{ traceId: 3, span: { start: 0, end: 2 }, behaviour: 'verification', annotator: 'ada' },
    })
    expect(await histogram('run', { labelled: true })).toMatchObject({ names: [{ name: 'b', count: 1 }] })
    expect(await histogram('run')).toMatchObject({ names: [{ count: 2 }, { count: 2 }] })
    await importRows([{ run: 'c', prompt: 'p', response: 'more' }], 'more.jsonl')
    expect(await histogram('run')).toMatchObject({
      names: [{ name: 'a' }, { name: 'b' }, { name: 'c', count: 1 }],
    })
  })
})

it('gives the numbers of rows in their order, and of all but some', async () => {
  const ids = async (input: object) => [...(await opened.client.call('traces.ids', input))]
  const filter = { runs: ['a', 'b'] }
  expect(await ids({ filter, sort: { by: 'length', descending: true }, offset: 0, limit: 2 })).toEqual([4, 2])
  expect(await ids({ filter: { ...filter, except: [1, 4] } })).toEqual([2, 3])
})

it('renames a view, but not to the name of another', async () => {
  const { client } = opened
  await client.call('views.save', { name: 'first', state: { query: 'correct=yes' } })
  await client.call('views.save', { name: 'second', state: {} })
  await expect(client.call('views.rename', { name: 'first', to: 'second' })).rejects.toMatchObject({
    code: 'conflict',
  })
  await expect(client.call('views.rename', { name: 'third', to: 'fourth' })).rejects.toMatchObject({
    code: 'not_found',
  })
  expect(await client.call('views.rename', { name: 'first', to: ' 1st ' })).toMatchObject({ name: '1st' })
  expect(await client.call('views.list', {})).toMatchObject([
    { name: '1st', state: { query: 'correct=yes' } },
    { name: 'second' },
  ])
})

it('tells where an export was written', async () => {
  const { client } = opened
  const path = join(opened.folder, 'out.jsonl')
  const job = await client.call('exports.start', { filter: { ids: [1] }, format: 'traces', path })
  expect((await ended(client, job)).result).toMatchObject({ path, rows: 1 })
})
