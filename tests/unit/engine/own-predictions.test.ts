import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeEach, describe, expect, it } from 'vitest'
import type { OwnHead } from '#shared/contract/own.ts'
import { segment, SEGMENTER_VERSION } from '#shared/domain/segment/index.ts'
import { engineFor } from './engine-for.ts'
import { ended, importFiles, jsonLines } from './support.ts'

const TEXTS = ['One. Wait, no. Done.', 'Two. Hm, wait. Done.']

const opened = engineFor('test')
const json = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

/** Reads a label file in which the head of this version says of each step of each trace that it doubts. */
const bring = (version: number) => {
  const rows = TEXTS.map((text) => {
    const bounds = [...segment(text)]
    const steps = bounds.flatMap((at, index) => (index % 2 === 0 ? [[at, bounds[index + 1]!]] : []))
    const said = { behaviour: 'Doubt', model: 'm', model_version: '1', version, threshold: 0.5 }
    return {
      ...{ format: 'cairn.annotations', version: 1, trace: {}, offset_unit: 'utf16', text, annotations: [] },
      ...{ segmenter: SEGMENTER_VERSION, steps },
      own_predictions: [{ ...said, probabilities: steps.map(() => 0.9) }],
    }
  })
  return opened.client.call('labels.import', { path: opened.put('labels.jsonl', json(rows)) })
}

/** Changes what only an older Cairn, or hours of training, would. */
function change(sql: string, ...values: (string | number)[]): void {
  const db = new Database(join(opened.folder, 'workspace', 'cairn.db'))
  db.prepare(sql).run(...values)
  db.close()
}

const HEAD: OwnHead = {
  ...{
    version: 2,
    model: 'm',
    modelVersion: '1',
    file: '1-2.onnx',
    sha256: '',
    threshold: 0.5,
    chosen: null,
  },
  ...{ traces: 2, steps: 6, examples: 3, precision: 1, recall: 1, f1: 1, chance: 0.5, seconds: 1 },
  ...{ warning: '', at: '2026-01-01T00:00:00.000Z' },
}

beforeEach(async () => {
  const rows = TEXTS.map((response) => ({ prompt: 'p', response }))
  await importFiles(opened.client, [opened.put('run.jsonl', json(rows))])
  await bring(1)
})

describe.each([
  ['by an older head', () => change('UPDATE own_behaviours SET head = ?', JSON.stringify(HEAD)), 0],
  [
    'of other steps',
    () => change('UPDATE own_predictions SET segmenter = ? WHERE trace_id = 2', SEGMENTER_VERSION - 1),
    1,
  ],
])('a prediction %s', (_what, outdate, left) => {
  it('counts nowhere', async () => {
    outdate()
    const { client } = opened
    const [one] = await client.call('own.list', {})
    const behaviour = one!.id
    expect(one).toMatchObject({ classified: left, outdated: 2 - left, found: left * 3 })
    expect(await client.call('own.counts', { behaviour })).toHaveLength(left)
    expect(await client.call('own.spread', { behaviour })).toMatchObject({ traces: left })
    const filter = { own: [{ behaviour, min: 0 }] }
    expect(await client.call('traces.count', { filter })).toBe(left)
    const rows = await client.call('traces.list', {
      sort: { by: `own_${behaviour}` as const, descending: true },
    })
    expect(rows.map(({ own }) => own[behaviour]?.steps)).toEqual([3, 3].fill(undefined as never, left))
    const [run] = await client.call('stats.runs', {})
    expect(run!.own[behaviour]?.mean).toBe(left === 0 ? undefined : 3)
    const histogram = await client.call('traces.histogram', { column: `own_${behaviour}` })
    expect(histogram).toMatchObject({ missing: 2 - left })
    const said = [1, 2].map((traceId) => client.call('own.trace', { traceId }))
    expect((await Promise.all(said)).flatMap(({ predictions }) => predictions)).toHaveLength(left)
    const path = join(opened.folder, 'out.jsonl')
    await ended(client, await client.call('exports.start', { format: 'annotations', path }))
    const written = jsonLines<{ own_predictions?: object[] }>(readFileSync(path, 'utf8'))
    expect(written.flatMap(({ own_predictions = [] }) => own_predictions)).toHaveLength(left)
  })

  it('gives way to one from a file that counts', async () => {
    outdate()
    expect((await bring(left === 0 ? 2 : 1)).own).toMatchObject({ predictions: 2 - left })
    expect(await opened.client.call('own.list', {})).toMatchObject([{ classified: 2, outdated: 0 }])
  })
})

it('behaviours are told with what a label changed', async () => {
  const { client } = opened
  const [{ id: behaviour } = { id: 0 }] = await client.call('own.list', {})
  const place = { traceId: 1, behaviour, span: { start: 0, end: 4 }, annotator: 'ada' }
  await client.call('own.label', { ...place, verdict: 'present' })
  expect(await client.call('own.list', {})).toMatchObject([{ examples: 1, classified: 2, found: 6 }])
  await client.call('own.remove', { behaviour })
  expect(await client.call('own.list', {})).toEqual([])
  await expect(client.call('own.counts', { behaviour })).rejects.toMatchObject({ code: 'not_found' })
  expect(await client.call('own.restore', { behaviour })).toEqual({ restored: true })
  expect(await client.call('own.restore', { behaviour })).toEqual({ restored: false })
  expect(await client.call('own.counts', { behaviour })).toHaveLength(2)
})
