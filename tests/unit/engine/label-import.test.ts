import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { beforeEach, describe, expect, it } from 'vitest'
import { engineFor } from './engine-for.ts'
import { importFiles } from './support.ts'

const TEXT = 'One. Wait, no. Done.'
const SPAN = { start: 5, end: 14 }

const opened = engineFor('test')
const lines = (...rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
beforeEach(() =>
  importFiles(opened.client, [opened.put('run.jsonl', lines({ prompt: 'p', response: TEXT }))]),
)

type Labels = { annotations?: object[]; own_annotations?: object[] }
const row = { format: 'cairn.annotations', version: 1, trace: {}, offset_unit: 'utf16', text: TEXT }
const file = (labels: Labels) => lines({ ...row, annotations: [], ...labels })
/** Reads labels of the trace, of the four behaviours or of a person's own. */
const bring = (labels: Labels) =>
  opened.client.call('labels.import', { path: opened.put('labels.jsonl', file(labels)) })
const doubt = { ...SPAN, behaviour: 'Doubt', verdict: 'present', annotator: 'ada' }
const names = async () => (await opened.client.call('own.list', {})).map(({ name }) => name)

it('makes the index by texts that only it needs, which costs every import of traces', async () => {
  const indexed = () => {
    const db = new Database(join(opened.folder, 'workspace', 'cairn.db'), { readonly: true })
    try {
      return db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'traces_by_text'`).get() !== undefined
    } finally {
      db.close()
    }
  }
  expect(indexed()).toBe(false)
  await bring({ own_annotations: [doubt] })
  expect(indexed()).toBe(true)
  expect(await bring({ own_annotations: [doubt] })).toMatchObject({ own: { duplicates: 1 } })
})

it.skipIf(process.platform === 'win32')('reads a pipe, and leaves no copy of it', async () => {
  const { client, folder } = opened
  const path = join(folder, 'pipe')
  execFileSync('mkfifo', [path])
  const piped = async (bytes: string | Uint8Array) =>
    (await Promise.all([client.call('labels.import', { path }), writeFile(path, bytes)]))[0]
  const text = file({ own_annotations: [doubt] })
  expect(await piped(text)).toMatchObject({ read: 1, own: { added: 1 } })
  expect(await piped(gzipSync(text))).toMatchObject({ read: 1, own: { duplicates: 1 } })
  expect(readdirSync(join(folder, 'workspace', 'tmp'))).toEqual([])
})

describe('a label of nobody', () => {
  it('is of “unnamed”, who can be compared with others', async () => {
    const { client } = opened
    const label = { ...SPAN, behaviour: 'verification', verdict: 'present' }
    const said = ['', ' ', 'Bob'].map((annotator) => ({ ...label, annotator }))
    const own = [{ ...doubt, annotator: ' ' }]
    expect(await bring({ annotations: said, own_annotations: own })).toMatchObject({ invalid: 0, added: 2 })
    expect((await client.call('own.trace', { traceId: 1 })).labels).toMatchObject([{ annotator: 'unnamed' }])
    const annotators = (await client.call('labels.agreement', {})).people.map(({ annotator }) => annotator)
    expect(annotators).toEqual(['Bob', 'unnamed'])
    expect(await client.call('labels.agreement', { annotators })).toMatchObject({ traces: 1 })
  })

  it('is refused where its name is too long to be asked for', async () => {
    const label = { ...SPAN, behaviour: 'verification', verdict: 'present', annotator: 'x'.repeat(201) }
    const { invalid, problems } = await bring({ annotations: [label] })
    expect([invalid, problems[0]]).toEqual([1, expect.stringContaining('annotations[0].annotator')])
  })
})

describe('a behaviour whose name another has got meanwhile', () => {
  const create = async (name: string) => (await opened.client.call('own.create', { name })).id
  const undo = () => opened.client.call('history.undo', {})
  const redo = () => opened.client.call('history.redo', {})

  it('comes back under a name of its own, and stops no undo before it', async () => {
    const behaviour = await create('DOUBT')
    await opened.client.call('own.remove', { behaviour })
    await bring({ own_annotations: [doubt] })
    expect(await names()).toEqual(['Doubt'])
    await undo()
    expect(await names()).toEqual(['DOUBT (2)', 'Doubt'])
    expect(await undo()).toMatchObject({ title: 'add the behaviour “DOUBT”' })
    expect(await names()).toEqual(['Doubt'])
    await redo()
    expect(await names()).toEqual(['DOUBT (2)', 'Doubt'])
    await redo()
    expect(await redo()).toBeNull()
    expect(await names()).toEqual(['Doubt'])
    expect(await opened.client.call('own.restore', { behaviour })).toEqual({ restored: true })
    expect(await names()).toEqual(['DOUBT (2)', 'Doubt'])
  })

  it('does so, too, where its making is done again', async () => {
    await create('Doubt')
    await undo()
    await bring({ own_annotations: [doubt] })
    await redo()
    expect(await names()).toEqual(['Doubt (2)', 'Doubt'])
  })

  it('keeps to the length of names, and finds a number that is free', async () => {
    const long = 'x'.repeat(59) + 'y'
    for (let made = 0; made < 3; made++)
      await opened.client.call('own.remove', { behaviour: await create(long) })
    await create(long)
    for (const behaviour of [1, 2, 3]) await opened.client.call('own.restore', { behaviour })
    const cut = 'x'.repeat(56)
    expect(await names()).toEqual([`${cut} (2)`, `${cut} (3)`, `${cut} (4)`, long])
  })
})
