import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createEngine, localClient, type Engine, type EngineClient } from '#engine/create-engine.ts'
import { installPaths } from '#engine/install-paths.ts'

let folder: string
let engine: Engine
let client: EngineClient

function open() {
  const { entries, modelsDir, version } = installPaths()
  engine = createEngine({ workspace: join(folder, 'ws'), create: true, entries, modelsDir, version })
  client = localClient(engine)
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-history-'))
  open()
  const rows = ['one', 'two', 'three'].map((text) => ({ prompt: 'p', response: `${text}. Wait, no. Done.` }))
  writeFileSync(join(folder, 'run.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'))
  const { id } = await client.call('imports.start', { paths: [join(folder, 'run.jsonl')] })
  await client.call('jobs.wait', { id })
})
afterEach(async () => {
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
})

const label = (traceId: number, start: number, end: number) =>
  client.call('labels.add', { traceId, span: { start, end }, behaviour: 'backtracking', annotator: 'ada' })

it('undoes and redoes label changes in order, across restarts, under the same ids', async () => {
  const first = await label(1, 0, 4)
  const second = await label(1, 5, 14)
  await client.call('labels.update', { id: second.id, span: { start: 5, end: 12 }, note: 'the turn' })
  await client.call('labels.remove', { id: first.id })
  expect(await client.call('labels.list', { traceId: 1 })).toHaveLength(1)

  await engine.close()
  open()
  expect(await client.call('history.undo', {})).toMatchObject({
    title: 'remove label backtracking',
    undone: true,
  })
  expect(await client.call('labels.list', { traceId: 1 })).toHaveLength(2)
  expect((await client.call('labels.list', { traceId: 1 }))[0]).toEqual(first)
  await client.call('history.undo', {})
  expect((await client.call('labels.list', { traceId: 1 }))[1]).toEqual(second)
  await client.call('history.undo', {})
  await client.call('history.undo', {})
  expect(await client.call('labels.list', { traceId: 1 })).toEqual([])
  expect(await client.call('history.undo', {})).toBeNull()
  expect((await client.call('traces.list', {}))[0]!.annotations).toBe(0)

  for (let step = 0; step < 4; step++) expect(await client.call('history.redo', {})).not.toBeNull()
  expect(await client.call('history.redo', {})).toBeNull()
  expect(await client.call('labels.list', { traceId: 1 })).toMatchObject([
    { id: second.id, end: 12, note: 'the turn' },
  ])
  expect((await client.call('traces.list', {}))[0]!.annotations).toBe(1)
})

it('forgets what was undone when something new is done', async () => {
  await label(1, 0, 4)
  await client.call('history.undo', {})
  await label(2, 0, 4)
  expect(await client.call('history.redo', {})).toBeNull()
  expect(await client.call('history.list', {})).toHaveLength(1)
})

it('keeps notes with undo, views and settings', async () => {
  await client.call('notes.set', { traceId: 1, text: 'odd', annotator: 'ada' })
  await client.call('notes.set', { traceId: 1, text: 'very odd', annotator: 'ada' })
  await client.call('history.undo', {})
  expect(await client.call('notes.get', { traceId: 1 })).toMatchObject({ text: 'odd' })
  await client.call('notes.set', { traceId: 1, text: ' ', annotator: 'ada' })
  expect(await client.call('notes.get', { traceId: 1 })).toBeNull()
  await expect(client.call('notes.set', { traceId: 99, text: 'x', annotator: 'ada' })).rejects.toMatchObject({
    code: 'not_found',
  })
  await client.call('views.save', { name: 'wrong turns', state: { sort: 'length' } })
  expect(await client.call('views.list', {})).toMatchObject([
    { name: 'wrong turns', state: { sort: 'length' } },
  ])
  await client.call('settings.set', { theme: 'dark', annotator: 'ada' })
  expect(await client.call('settings.set', { theme: null })).toEqual({ annotator: 'ada' })
})

it('finds a trace in a sorted selection and its neighbours, also after a change', async () => {
  const filter = { labelled: true }
  expect(await client.call('traces.around', { id: 2, filter })).toEqual({
    index: null,
    total: 0,
    previous: null,
    next: null,
  })
  await label(1, 0, 4)
  await label(2, 0, 4)
  expect(await client.call('traces.around', { id: 2, filter })).toEqual({
    index: 1,
    total: 2,
    previous: 1,
    next: null,
  })
  const sort = { by: 'length' as const, descending: true }
  const byLength = await client.call('traces.list', { sort })
  expect(byLength.map(({ id }) => id)).toEqual([3, 1, 2])
  expect(await client.call('traces.histogram', { column: 'length', bins: 2 })).toEqual({
    kind: 'numbers',
    bins: [
      { from: 20, to: 21, count: 2 },
      { from: 21, to: 22, count: 1 },
    ],
    missing: 0,
  })
})
