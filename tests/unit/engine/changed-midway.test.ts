import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { INTERCHANGE_FORMAT, INTERCHANGE_VERSION } from '#shared/domain/interchange/types.ts'
import { engineFor } from './engine-for.ts'
import { pair } from './import-support.ts'
import { importFiles } from './support.ts'

const opened = engineFor('test')

/** Reasons of `traces.changed` from here on. */
function listen(): string[] {
  const heard: string[] = []
  opened.client.on('traces.changed', ({ reason }) => heard.push(reason))
  return heard
}

function withDb(work: (db: Database.Database) => void): void {
  const db = new Database(join(opened.workspace, 'cairn.db'))
  work(db)
  db.close()
}

it('a retry that breaks off tells of the records it has settled', async () => {
  const { client } = opened
  const jobs: number[] = []
  for (const name of ['a', 'b']) {
    await importFiles(client, [opened.put(`${name}.jsonl`, `${pair(name)}\n{"torn\n`)])
    jobs.push((await client.call('jobs.list', {}))[0]!.id)
  }
  withDb((db) => db.prepare(`UPDATE jobs SET input = '{}' WHERE id = ?`).run(Math.max(...jobs)))
  const rejects = await client.call('imports.rejects', {})
  const replacements = rejects.map(({ id }) => ({ id, text: pair(`mended ${id}`) }))
  const heard = listen()
  await expect(client.call('imports.retry', { replacements })).rejects.toThrow()
  expect(await client.call('traces.count', {})).toBe(3)
  expect(heard).toEqual(['import'])
})

it('a retry says that something changed only when something did', async () => {
  const { client } = opened
  await importFiles(client, [opened.put('a.jsonl', `${pair('a')}\n{"torn\n`)])
  const [{ id } = { id: 0 }] = await client.call('imports.rejects', {})
  const heard = listen()
  await client.call('imports.retry', {})
  expect(heard).toEqual([])
  // The record is still broken, in another way.
  await client.call('imports.retry', { replacements: [{ id, text: '{"torn": ' }] })
  expect(heard).toEqual(['import'])
})

it('an import of labels that breaks off tells of the pages it has stored', async () => {
  const { client } = opened
  await importFiles(client, [opened.put('a.jsonl', ['one', 'two'].map((text) => pair(text)).join('\n'))])
  const row = (text: string) =>
    JSON.stringify({
      format: INTERCHANGE_FORMAT,
      version: INTERCHANGE_VERSION,
      trace: {},
      offset_unit: 'utf16',
      segmenter: 1,
      text,
      steps: [[0, text.length]],
      prediction: {
        model: 'm',
        version: '1',
        thresholds: [0.5, 0.5, 0.5, 0.5],
        behaviours: BEHAVIOURS,
        probabilities: [[1, 0, 0, 0]],
      },
      annotations: [],
    })
  withDb((db) =>
    db.exec(`CREATE TRIGGER full BEFORE INSERT ON predictions WHEN NEW.trace_id = 2
      BEGIN SELECT RAISE(ABORT, 'no room'); END`),
  )
  const others = Array.from({ length: 2000 }, (_, index) => row(`of no trace ${index}`))
  const path = opened.put('labels.jsonl', [row('one'), ...others, row('two')].join('\n'))
  const heard = listen()
  await expect(client.call('labels.import', { path })).rejects.toThrow()
  expect((await client.call('traces.get', { id: 1 })).prediction).not.toBeNull()
  expect((await client.call('traces.get', { id: 2 })).prediction).toBeNull()
  expect(heard).toEqual(['classify'])
})
