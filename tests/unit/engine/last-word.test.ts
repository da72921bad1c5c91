import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ApiInput } from '#shared/contract/index.ts'
import type { Annotation } from '#shared/contract/labels.ts'
import { engineFor } from './engine-for.ts'
import { importFiles, type TestEngine } from './support.ts'

const TEXT = 'One. Wait, no. Done.'
const SPAN = { start: 5, end: 14 }

const opened = engineFor('test')
beforeEach(() => importFiles(opened.client, [opened.put('run.jsonl', row({ prompt: 'p', response: TEXT }))]))

const row = (value: object) => `${JSON.stringify(value)}\n`
const call: TestEngine['client']['call'] = (method, input) => opened.client.call(method, input)

type New = NonNullable<ApiInput<'labels.apply'>['add']>[number]
const label = (verdict: Annotation['verdict'], more: Partial<New> = {}): New => ({
  ...{ span: SPAN, behaviour: 'verification', verdict },
  ...more,
})
const add = (verdict: Annotation['verdict'], more: Partial<New> = {}, annotator = 'ada') =>
  call('labels.add', { traceId: 1, annotator, ...label(verdict, more) })
const apply = (change: Partial<ApiInput<'labels.apply'>>) =>
  call('labels.apply', { traceId: 1, annotator: 'ada', ...change })
const labels = () => call('labels.list', { traceId: 1 })
const undo = () => call('history.undo', {})
const redo = () => call('history.redo', {})

/** Two labels as an older Cairn left them beside one another. */
function leavePair(): void {
  const db = new Database(join(opened.folder, 'workspace', 'cairn.db'))
  const insert = db.prepare(`INSERT INTO annotations
    (id, trace_id, start, "end", behaviour, verdict, annotator, at, text_hash, note)
    VALUES (?, 1, 5, 14, 'verification', ?, 'ada', '2026-01-01T00:00:00.000Z', 'h', '')`)
  insert.run(1, 'present')
  insert.run(2, 'absent')
  db.close()
}

describe('of what a person says of a span', () => {
  it('the last verdict counts, and undo and redo know both', async () => {
    const present = await add('present', { note: 'a' })
    const { added, removed } = await apply({ add: [label('absent')] })
    expect(removed).toEqual([present.id])
    expect(await labels()).toEqual(added)
    expect(await undo()).toMatchObject({ title: 'reject verification, remove label verification' })
    expect(await labels()).toEqual([present])
    await redo()
    expect(await labels()).toEqual(added)
    await undo()
    await undo()
    expect(await labels()).toEqual([])
  })

  it('nothing else goes: another span, behaviour or person, and what says the same', async () => {
    await add('present', { span: { start: 5, end: 13 } })
    await add('present', { behaviour: 'backtracking' })
    await add('present', {}, 'bob')
    await add('absent', { note: 'a' })
    await add('absent', { note: 'b' })
    expect(await labels()).toHaveLength(5)
    const before = await labels()
    await add('present')
    expect(await labels()).toHaveLength(4)
    await undo()
    expect(await labels()).toEqual(before)
  })

  it('holds for a label that is moved, or changed, onto another', async () => {
    const absent = await add('absent')
    const elsewhere = await add('present', { span: { start: 0, end: 4 } })
    await call('labels.update', { id: elsewhere.id, span: SPAN })
    expect(await labels()).toMatchObject([{ id: elsewhere.id, ...SPAN, verdict: 'present' }])
    await undo()
    expect(await labels()).toEqual([elsewhere, absent])
    await redo()
    expect(await labels()).toMatchObject([{ id: elsewhere.id }])
    const other = await add('present', { note: 'why' })
    const { updated } = await apply({ update: [{ id: other.id, verdict: 'absent' }] })
    expect(await labels()).toEqual(updated)
    await undo()
    expect((await labels()).map(({ verdict }) => verdict)).toEqual(['present', 'present'])
  })

  it('changes several of one’s own at once, as the window does', async () => {
    const { added } = await apply({ add: [label('present', { note: 'a' }), label('present', { note: 'b' })] })
    const { updated, removed } = await apply({ update: added.map(({ id }) => ({ id, verdict: 'absent' })) })
    expect(updated.map(({ verdict, note }) => [verdict, note])).toEqual([
      ['absent', 'a'],
      ['absent', 'b'],
    ])
    expect(removed).toEqual([])
    expect(await labels()).toEqual(updated)
    await undo()
    expect(await labels()).toEqual(added)
    await redo()
    expect(await labels()).toEqual(updated)
  })

  it('counts the later of two verdicts in one call', async () => {
    const { added, removed } = await apply({ add: [label('present'), label('absent')] })
    expect(removed).toEqual([added[0]!.id])
    expect(await labels()).toEqual([added[1]])
    await undo()
    expect(await labels()).toEqual([])
    await redo()
    expect(await labels()).toEqual([added[1]])
  })

  it('leaves a pair of an older Cairn until its person says something of it again', async () => {
    leavePair()
    await call('labels.update', { id: 1, note: 'a note says nothing new' })
    await undo()
    expect(await labels()).toHaveLength(2)
    expect(await add('present')).toMatchObject({ id: 1 })
    expect(await labels()).toMatchObject([{ id: 1, verdict: 'present' }])
    await undo()
    expect(await labels()).toHaveLength(2)
    await call('labels.remove', { id: 2 })
    await undo()
    expect(await labels()).toHaveLength(2)
  })
})

/** A row of annotations of the trace, written by hand. */
const annotations = (...all: Partial<Annotation>[]) => {
  const one = { ...SPAN, behaviour: 'verification', verdict: 'present', annotator: 'ada' }
  const head = { format: 'cairn.annotations', version: 1, trace: {}, offset_unit: 'utf16', text: TEXT }
  return row({ ...head, annotations: all.map((given) => ({ ...one, ...given })) })
}
/** The same of a behaviour of people's own. */
const own = (...all: { verdict: string; at: string | null }[]) =>
  row({
    ...(JSON.parse(annotations()) as object),
    own_annotations: all.map((one) => ({ ...SPAN, behaviour: 'Doubt', annotator: 'ada', ...one })),
  })
const bring = (text: string) => call('labels.import', { path: opened.put('labels.jsonl', text) })
const LONG_AGO = '2020-01-01T00:00:00.000Z'
const LATER = '2020-01-02T00:00:00.000Z'
const LAST = '2020-01-03T00:00:00.000Z'
const NEVER_YET = '2099-01-01T00:00:00.000Z'

/** As files say it of two people, long ago. */
const bringBoth = () =>
  bring(
    annotations(
      { start: 0, end: 4, at: LONG_AGO },
      { annotator: 'bob', verdict: 'absent', at: '2020-01-02T00:00:00Z' },
    ),
  )

describe('a label that its person moves, or gives another behaviour', () => {
  it.each([
    ['moved', { span: { start: 0, end: 14 } }],
    ['renamed', { behaviour: 'backtracking' }],
  ] as const)('is said now once it is %s, until that is undone', async (_, change) => {
    await bringBoth()
    const before = (await labels()).find(({ annotator }) => annotator === 'ada')!
    const mine = async () => (await labels()).find(({ id }) => id === before.id)!
    const began = new Date().toISOString()
    const after = await call('labels.update', { id: before.id, ...change })
    expect(after.at >= began).toBe(true)
    expect(await mine()).toEqual(after)
    await undo()
    expect(await mine()).toEqual(before)
    await redo()
    expect(await mine()).toEqual(after)
    const noted = await call('labels.update', { id: before.id, note: 'says nothing new' })
    expect(noted.at).toBe(after.at)
  })

  it('is one step of the history while it moves on', async () => {
    await bringBoth()
    const before = (await labels()).find(({ annotator }) => annotator === 'ada')!
    const move = (end: number) => apply({ update: [{ id: before.id, span: { start: 0, end } }], join: true })
    await move(7)
    // A clock tells no two moves apart within a millisecond.
    await new Promise((done) => setTimeout(done, 3))
    await move(14)
    expect(await call('history.list', {})).toHaveLength(1)
    await undo()
    expect((await labels()).find(({ id }) => id === before.id)).toEqual(before)
  })
})

describe('a label file', () => {
  it('that says both brings the later, by its time, else by its place in the row', async () => {
    const dated = annotations(
      { verdict: 'absent', at: LATER },
      { verdict: 'present', at: LONG_AGO },
      { verdict: 'absent', behaviour: 'backtracking' },
      { verdict: 'present', behaviour: 'backtracking' },
    )
    const result = { added: 2, duplicates: 0, replaced: 0, outdated: 2 }
    expect(await bring(dated)).toMatchObject(result)
    const said = async () =>
      (await labels()).map(({ behaviour, verdict }) => `${behaviour} ${verdict}`).sort()
    expect(await said()).toEqual(['backtracking present', 'verification absent'])
    expect(await bring(dated)).toMatchObject({ ...result, added: 0, duplicates: 2 })
    expect(await said()).toEqual(['backtracking present', 'verification absent'])
    // What is only added, or not taken, is nothing to undo.
    expect(await call('history.list', {})).toEqual([])
  })

  it('that is read a second time changes nothing', async () => {
    await bring(annotations({ verdict: 'absent', at: LATER }))
    const file = annotations({ note: 'a', at: LONG_AGO }, { note: 'b', at: NEVER_YET })
    expect(await bring(file)).toMatchObject({ replaced: 1 })
    const first = await labels()
    expect(first.map(({ verdict }) => verdict)).not.toContain('absent')
    expect(await bring(file)).toMatchObject({ added: 0, replaced: 0 })
    expect(await labels()).toEqual(first)
  })

  it('that says both in two rows brings the later', async () => {
    const rows = [
      annotations({ verdict: 'present', at: LONG_AGO }),
      annotations({ verdict: 'absent', at: LATER }),
    ]
    expect(await bring(rows.join(''))).toMatchObject({ added: 2, replaced: 1, outdated: 0 })
    expect(await labels()).toMatchObject([{ verdict: 'absent', at: LATER }])
    expect(await bring(rows.join(''))).toMatchObject({ added: 0, replaced: 0, outdated: 1, duplicates: 1 })
  })

  it('changes a label of the workspace only when it is later, and undo puts that back', async () => {
    const mine = await add('present')
    for (const at of [LONG_AGO, null as unknown as string])
      expect(await bring(annotations({ verdict: 'absent', at }))).toMatchObject({ added: 0, outdated: 1 })
    expect(await labels()).toEqual([mine])
    expect(await bring(annotations({ verdict: 'absent', at: NEVER_YET }))).toMatchObject({
      ...{ added: 1, replaced: 1, outdated: 0 },
    })
    expect(await labels()).toMatchObject([{ verdict: 'absent' }])
    await undo()
    expect(await labels()).toEqual([mine])
    await redo()
    expect(await labels()).toMatchObject([{ verdict: 'absent' }])
  })

  it('is later than a verdict that was given before, not than one changed since', async () => {
    const { id } = await add('absent')
    const { at } = await call('labels.update', { id, verdict: 'present' })
    const older = new Date(Date.parse(at) - 1).toISOString()
    expect(await bring(annotations({ verdict: 'absent', at: older }))).toMatchObject({ outdated: 1 })
    expect(await labels()).toMatchObject([{ id, verdict: 'present' }])
  })

  it('brings what a redo takes away, and the next undo gives back', async () => {
    const mine = await add('present')
    await undo()
    await bring(annotations({ verdict: 'absent', at: LONG_AGO }))
    const [theirs] = await labels()
    await redo()
    expect(await labels()).toEqual([mine])
    await undo()
    expect(await labels()).toEqual([theirs])
    await redo()
    expect(await labels()).toEqual([mine])
  })

  it('brings what an undo takes away, and a redo gives back', async () => {
    const mine = await add('present')
    await call('labels.remove', { id: mine.id })
    await bring(annotations({ verdict: 'absent', at: LONG_AGO }))
    const theirs = await labels()
    await undo()
    expect(await labels()).toEqual([mine])
    await redo()
    expect(await labels()).toEqual(theirs)
  })

  it('goes by the same rule for behaviours of people’s own', async () => {
    const { id: behaviour } = await call('own.create', { name: 'Doubt' })
    const place = { traceId: 1, behaviour, span: SPAN, annotator: 'ada' }
    await call('own.label', { ...place, verdict: 'present' })
    const verdict = async () => (await call('own.trace', { traceId: 1 })).labels.map((one) => one.verdict)
    expect(await bring(own({ verdict: 'absent', at: LONG_AGO }))).toMatchObject({ outdated: 1 })
    expect(await verdict()).toEqual(['present'])
    const both = own({ verdict: 'absent', at: NEVER_YET }, { verdict: 'present', at: LATER })
    expect(await bring(both)).toMatchObject({ own: { added: 1, duplicates: 0 }, replaced: 1, outdated: 1 })
    expect(await verdict()).toEqual(['absent'])
    await undo()
    expect(await verdict()).toEqual(['present'])
  })

  it('brings of people’s own what a redo takes away, and the next undo gives back', async () => {
    const { id: behaviour } = await call('own.create', { name: 'Doubt' })
    const place = { traceId: 1, behaviour, span: SPAN, annotator: 'ada' }
    const verdict = async () => (await call('own.trace', { traceId: 1 })).labels.map((one) => one.verdict)
    await call('own.label', { ...place, verdict: 'present' })
    await undo()
    await bring(own({ verdict: 'absent', at: LONG_AGO }))
    expect(await verdict()).toEqual(['absent'])
    await redo()
    expect(await verdict()).toEqual(['present'])
    await undo()
    expect(await verdict()).toEqual(['absent'])
    await redo()
    expect(await verdict()).toEqual(['present'])
  })

  it.each([
    ['present', 'absent', 'again'],
    ['present', 'again', 'absent'],
    ['again', 'absent', 'present'],
    ['absent', 'present', 'again'],
  ] as const)('gives the same as two others, in the order %s, %s, %s', async (...order) => {
    const said = {
      present: { verdict: 'present', at: LONG_AGO },
      absent: { verdict: 'absent', at: LATER },
      again: { verdict: 'present', at: LAST },
    } as const
    for (const name of order) {
      await bring(annotations(said[name]))
      await bring(own(said[name]))
    }
    expect(await labels()).toMatchObject([said.again])
    expect((await call('own.trace', { traceId: 1 })).labels).toMatchObject([{ verdict: 'present' }])
    // Neither is a later file that is older.
    expect(await bring(annotations(said.absent))).toMatchObject({ added: 0, outdated: 1 })
    expect(await bring(own(said.absent))).toMatchObject({ own: { added: 0 }, outdated: 1 })
  })
})
