import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEngine, localClient, type Engine, type EngineClient } from '#engine/create-engine.ts'
import { MIGRATIONS } from '#engine/db/migrations/index.ts'
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
      { from: 20, to: 22, count: 2, least: 20, most: 20 },
      { from: 22, to: 22, count: 1, least: 22, most: 22 },
    ],
    missing: 0,
  })
})

const list = (traceId: number) => client.call('labels.list', { traceId })
const titles = async (traceId: number) =>
  (await client.call('history.list', { traceId })).map(({ title }) => title)

describe('one trace in time', () => {
  it('goes to any change and back, and leaves other traces alone', async () => {
    await label(1, 0, 4)
    const [first] = await client.call('history.list', { traceId: 1 })
    await label(2, 0, 4)
    await label(1, 5, 9)
    await client.call('notes.set', { traceId: 1, text: 'odd', annotator: 'ada' })
    const [, second] = await client.call('history.list', { traceId: 1 })
    const whole = await list(1)

    const heard: number[] = []
    client.on('labels.changed', ({ traceId }) => heard.push(traceId))
    expect(await client.call('history.travel', { traceId: 1, to: first!.id })).toEqual({
      undone: 2,
      redone: 0,
    })
    expect(await list(1)).toEqual(whole.slice(0, 1))
    expect(await client.call('notes.get', { traceId: 1 })).toBeNull()
    expect(await list(2)).toHaveLength(1)
    await expect.poll(() => heard).toEqual([1])

    expect(await client.call('history.travel', { traceId: 1, to: second!.id })).toEqual({
      undone: 0,
      redone: 1,
    })
    expect(await list(1)).toEqual(whole)
    expect(await client.call('notes.get', { traceId: 1 })).toBeNull()
    await client.call('history.travel', { traceId: 1, to: null })
    expect(await list(1)).toEqual([])
    expect((await client.call('history.list', { traceId: 1 })).every(({ undone }) => undone)).toBe(true)
    expect(await list(2)).toHaveLength(1)
  })

  it('then does again what was undone last, first', async () => {
    await label(1, 0, 4)
    await label(2, 0, 4)
    await label(1, 5, 9)
    await client.call('history.travel', { traceId: 1, to: null })
    await client.call('history.undo', {})
    const again = async () => (await client.call('history.redo', {}))?.traceId
    expect([await again(), await again(), await again(), await again()]).toEqual([2, 1, 1, undefined])
    expect((await list(1)).map(({ start }) => start)).toEqual([0, 5])
  })

  it('refuses a change that is not of this trace, and changes nothing', async () => {
    await label(1, 0, 4)
    const [entry] = await client.call('history.list', { traceId: 1 })
    await expect(client.call('history.travel', { traceId: 2, to: entry!.id })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(await list(1)).toHaveLength(1)
  })
})

describe('a change that is repeated with its token', () => {
  it('is done once and answered the same, also after a restart and after an undo', async () => {
    const token = randomUUID()
    const change = {
      traceId: 1,
      annotator: 'ada',
      add: [{ span: { start: 0, end: 4 }, behaviour: 'verification' as const }],
      token,
    }
    const answer = await client.call('labels.apply', change)
    await engine.close()
    open()
    expect(await client.call('labels.apply', change)).toEqual(answer)
    expect(await client.call('history.list', {})).toHaveLength(1)

    const undo = { token: randomUUID() }
    const undone = await client.call('history.undo', undo)
    expect(await client.call('history.undo', undo)).toEqual(undone)
    expect(await client.call('labels.apply', change)).toEqual(answer)
    expect(await list(1)).toEqual([])
    const redo = { token: randomUUID() }
    expect(await client.call('history.redo', redo)).toMatchObject({ undone: false })
    await client.call('history.undo', {})
    await client.call('history.redo', redo)
    expect(await list(1)).toEqual([])
  })

  it('leaves no receipt when it is refused', async () => {
    const token = randomUUID()
    const add = (end: number) =>
      client.call('labels.apply', {
        traceId: 1,
        annotator: 'ada',
        add: [{ span: { start: 0, end }, behaviour: 'verification' }],
        token,
      })
    await expect(add(99_999)).rejects.toMatchObject({ code: 'bad_request' })
    await add(4)
    expect(await list(1)).toHaveLength(1)
  })
})

it('gives the id of a removed label to no other', async () => {
  const first = await label(1, 0, 4)
  await client.call('labels.remove', { id: first.id })
  const second = await label(2, 0, 4)
  expect(second.id).not.toBe(first.id)
  await client.call('history.travel', { traceId: 1, to: null })
  await client.call('history.travel', {
    traceId: 1,
    to: (await client.call('history.list', { traceId: 1 })).at(-1)!.id,
  })
  expect(await list(1)).toEqual([first])
  expect(await list(2)).toEqual([second])
})

it('tells what was done, and by whom', async () => {
  const [verification, backtracking] = (
    await client.call('labels.apply', {
      traceId: 1,
      annotator: 'ada',
      add: [
        { span: { start: 0, end: 4 }, behaviour: 'verification' },
        { span: { start: 0, end: 4 }, behaviour: 'backtracking' },
        { span: { start: 0, end: 4 }, behaviour: 'subgoal_setting', verdict: 'absent' },
      ],
    })
  ).added
  const update = (id: number, change: object) =>
    client.call('labels.apply', { traceId: 1, annotator: 'bob', update: [{ id, ...change }] })
  await update(verification!.id, { span: { start: 0, end: 9 } })
  await update(verification!.id, { span: { start: 2, end: 9 } })
  await update(verification!.id, { span: { start: 3, end: 12 } })
  await update(backtracking!.id, { target: { start: 0, end: 0 } })
  await update(backtracking!.id, { target: null })
  await update(backtracking!.id, { verdict: 'absent' })
  await update(backtracking!.id, { behaviour: 'backward_chaining' })
  await update(backtracking!.id, { note: 'why' })
  await update(backtracking!.id, { note: 'why' })
  await client.call('notes.set', { traceId: 1, text: 'odd', annotator: 'cyd' })
  expect(await titles(1)).toEqual([
    'write a note',
    'note on backward chaining',
    'change backtracking to backward chaining',
    'reject backtracking',
    'clear the target of backtracking',
    'set the target of backtracking',
    'move verification',
    'shrink verification',
    'extend verification',
    'label verification and backtracking, reject subgoal setting',
  ])
  const who = (await client.call('history.list', { traceId: 1 })).map(({ annotator }) => annotator)
  expect([who[0], who[1], who.at(-1)]).toEqual(['cyd', 'bob', 'ada'])
})

it('makes one undo of the moves of a label in a row', async () => {
  const { id } = await label(1, 5, 9)
  const move = (start: number, end: number, join = true) =>
    client.call('labels.apply', {
      traceId: 1,
      annotator: 'ada',
      update: [{ id, span: { start, end } }],
      join,
    })
  await move(5, 10)
  await move(5, 11)
  await move(4, 11)
  expect(await titles(1)).toEqual(['extend backtracking', 'label backtracking'])
  await move(4, 12, false)
  expect(await titles(1)).toHaveLength(3)
  await client.call('history.undo', {})
  await client.call('history.undo', {})
  expect(await list(1)).toMatchObject([{ start: 5, end: 9 }])
  await client.call('history.redo', {})
  expect(await list(1)).toMatchObject([{ start: 4, end: 11 }])
})

it('keeps ids apart in a workspace of an older schema, where a removed label is only in the history', async () => {
  const [first, second] = [await label(1, 0, 4), await label(1, 5, 9)]
  await client.call('labels.remove', { id: second.id })
  await engine.close()
  const db = new Database(join(folder, 'ws', 'cairn.db'))
  leaveAt(db, 2)
  db.close()
  open()
  const third = await label(2, 0, 4)
  expect(third.id).toBeGreaterThan(second.id)
  await client.call('history.undo', {})
  await client.call('history.undo', {})
  expect(await list(1)).toEqual([first, second])
})

/** Takes out of a database what came after a version. */
function leaveAt(db: Database.Database, version: number): void {
  const old = new Database(':memory:')
  for (const sql of MIGRATIONS.slice(0, version)) old.exec(sql)
  const parts = (of: Database.Database) =>
    of
      .prepare<[], { type: string; name: string }>(
        `SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type = 'table'`,
      )
      .all()
  const columns = (of: Database.Database, table: string) =>
    (of.pragma(`table_info("${table}")`) as { name: string }[]).map(({ name }) => name)
  const known = new Set(parts(old).map(({ name }) => name))
  db.pragma('foreign_keys = OFF')
  for (const { type, name } of parts(db)) if (!known.has(name)) db.exec(`DROP ${type} IF EXISTS "${name}"`)
  for (const { type, name } of parts(db)) {
    if (type !== 'table') continue
    const before = columns(old, name)
    for (const column of columns(db, name))
      if (!before.includes(column)) db.exec(`ALTER TABLE "${name}" DROP COLUMN "${column}"`)
  }
  db.pragma(`user_version = ${version}`)
  old.close()
}
