import { rmSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import type { OffsetUnit } from '#shared/contract/exports.ts'
import { hasSharedData, SHARED_DATA } from '../shared-data.ts'
import {
  classifyAll,
  ended,
  importFiles,
  jsonLines,
  openEngine,
  sampleLines,
  temporaryFolder,
  withEngine,
  type TestEngine,
} from './support.ts'

/** Real traces, the kinds of text that offsets trip over, and texts that several traces share. */
function rows(): string[] {
  const odd = [
    'emoji 😀 and 👩‍👩‍👧 here. Wait, let me check.',
    'line \u2028 and paragraph \u2029 separators. So 2 + 2 = 4.',
    'lone \ud800 surrogate \udc00 here. Wait.',
    'e\u0301 and \u0000 and \ufeff. Let me verify.',
    'x',
  ]
  const texts = odd.map((completion, index) => ({ prompt: `odd ${index}`, completion, id: `odd ${index}` }))
  const same = 'Wait, that is wrong. Let me try again. The answer is 7.'
  const shared = [
    { prompt: 'a', completion: same, id: 'one' },
    { prompt: 'b', completion: same, id: 'two' },
    { prompt: 'a', completion: same, id: 'three', sample: 1 },
    // Nothing in an annotation row tells these two apart but their order.
    { prompt: 'c', completion: same },
    { prompt: 'd', completion: same },
  ]
  const real = sampleLines('dpo')
    .slice(0, 40)
    .map((line) => JSON.parse(line) as { id: number; prompt: string; raw_generation: string })
    .map(({ id, prompt, raw_generation: completion }) => ({ id, prompt, completion }))
  return [...texts, ...shared, ...real].map((row) => JSON.stringify(row))
}

let folder: string
let file: string
let first: TestEngine
beforeAll(async () => {
  folder = temporaryFolder()
  file = join(folder, 'traces.jsonl')
  writeFileSync(file, rows().join('\n'))
  first = openEngine(join(folder, 'first'))
  const { client } = first
  await importFiles(client, [file])
  await classifyAll(client)
  const total = await client.call('traces.count', {})
  for (let traceId = 1; traceId <= total; traceId += traceId < 12 ? 1 : 3) {
    const { response, bounds } = await client.call('traces.get', { id: traceId })
    for (let n = 0; n <= traceId % 3; n++) {
      const step = (traceId + n) % (bounds!.length / 2)
      const span = { start: bounds![2 * step]!, end: bounds![2 * step + 1]! }
      await client.call('labels.add', {
        traceId,
        span,
        behaviour: BEHAVIOURS[(traceId + n) % 4]!,
        verdict: n === 1 ? 'absent' : 'present',
        annotator: ['ann', 'Bob "the" <b>'][n % 2]!,
        target: [null, { start: 0, end: 0 }, { start: 0, end: Math.min(1, response.length) }][n]!,
        note: n === 2 ? 'a note \u2028 of 😀\n two lines' : '',
      })
    }
  }
})
afterAll(async () => {
  await first.close()
  rmSync(folder, { recursive: true, force: true })
})

async function exportAnnotations(opened: TestEngine, name: string, offsetUnit: OffsetUnit): Promise<string> {
  const path = join(folder, name)
  const job = await opened.client.call('exports.start', {
    format: 'annotations',
    path,
    offsetUnit,
    overwrite: true,
  })
  await ended(opened.client, job)
  return path
}

describe('annotations and predictions', () => {
  it.each(['code_points', 'utf16', 'utf8_bytes'] as const)('come back byte for byte, in %s', async (unit) => {
    const path = await exportAnnotations(first, `${unit}.jsonl`, unit)
    await withEngine(async (second) => {
      await importFiles(second.client, [file])
      const result = await second.client.call('labels.import', { path })
      const { traces, annotations } = await first.client.call('workspace.info', {})
      expect(result).toEqual({
        read: traces,
        unmatched: 0,
        invalid: 0,
        added: annotations,
        duplicates: 0,
        replaced: 0,
        outdated: 0,
        predictions: traces,
        own: { behaviours: 0, added: 0, duplicates: 0, predictions: 0 },
        problems: [],
      })
      const again = await exportAnnotations(second, `${unit}.again.jsonl`, unit)
      expect(readFileSync(again).equals(readFileSync(path))).toBe(true)
      // The counts are there to filter by, the same as where they were computed.
      const unitless = { unit: 'episodes' as const }
      expect(await second.client.call('stats.runs', unitless)).toEqual(
        await first.client.call('stats.runs', unitless),
      )
      // Once more adds nothing.
      const repeated = await second.client.call('labels.import', { path })
      expect(repeated).toMatchObject({ added: 0, predictions: 0, duplicates: annotations })
    })
  })

  it('come back from Parquet and from compressed lines', async () => {
    const lines = await exportAnnotations(first, 'again.jsonl', 'utf16')
    const parquet = join(folder, 'again.parquet')
    const input = { format: 'annotations', container: 'parquet', path: parquet, offsetUnit: 'utf16' } as const
    await ended(first.client, await first.client.call('exports.start', input))
    const packed = { gz: gzipSync(readFileSync(lines)), zst: zstdCompressSync(readFileSync(lines)) }
    for (const [ending, bytes] of Object.entries(packed))
      writeFileSync(join(folder, `again.${ending}`), bytes)
    const { traces, annotations } = await first.client.call('workspace.info', {})
    for (const name of ['again.parquet', 'again.gz', 'again.zst'])
      await withEngine(async (second) => {
        await importFiles(second.client, [file])
        const result = await second.client.call('labels.import', { path: join(folder, name) })
        expect(result).toMatchObject({ read: traces, added: annotations, predictions: traces, problems: [] })
        const again = await exportAnnotations(second, 'back.jsonl', 'utf16')
        expect(readFileSync(again).equals(readFileSync(lines))).toBe(true)
      })
  })

  it('are written in the unit that was asked for', async () => {
    const read = async (unit: OffsetUnit) =>
      jsonLines<{ text: string; annotations: { start: number; end: number }[] }>(
        readFileSync(await exportAnnotations(first, 'unit.jsonl', unit), 'utf8'),
      )
    const [points, utf16, bytes] = [await read('code_points'), await read('utf16'), await read('utf8_bytes')]
    let checked = 0
    for (const [index, { text, annotations }] of utf16.entries())
      for (const [at, { start, end }] of annotations.entries()) {
        const expected = text.slice(start, end)
        const point = points[index]!.annotations[at]!
        expect([...text].slice(point.start, point.end).join('')).toBe(expected)
        const byte = bytes[index]!.annotations[at]!
        expect(Buffer.from(text).subarray(byte.start, byte.end).toString()).toBe(expected.toWellFormed())
        checked++
      }
    expect(checked).toBeGreaterThan(30)
  })

  it('of people are kept apart from those of the model', async () => {
    const { client } = first
    const { prediction } = await client.call('traces.get', { id: 1 })
    const before = await client.call('labels.list', { traceId: 1 })
    await ended(
      client,
      await client.call('classify.start', { model: 'cairn-fast', device: 'cpu', force: true }),
    )
    expect(await client.call('labels.list', { traceId: 1 })).toEqual(before)
    expect((await client.call('traces.get', { id: 1 })).prediction).toEqual(prediction)
  })
})

describe('rows that do not fit', () => {
  const good = async () =>
    jsonLines<Record<string, unknown>>(
      readFileSync(await exportAnnotations(first, 'fit.jsonl', 'utf16'), 'utf8'),
    )

  it('are counted and named by line; the others are taken', async () => {
    const [row, second] = await good()
    const lines = [
      'not json',
      JSON.stringify({ ...row, annotations: [{ ...(row!['annotations'] as object[])[0], end: 99_999 }] }),
      JSON.stringify({ some: 'row' }),
      JSON.stringify({ ...row, version: 99 }),
      JSON.stringify({
        ...row,
        text: 'a text that no trace has',
        text_hash: null,
        steps: null,
        prediction: null,
        annotations: [],
      }),
      '',
      JSON.stringify(second),
    ]
    const path = join(folder, 'bad.jsonl')
    writeFileSync(path, lines.join('\r\n'))
    await withEngine(async ({ client }) => {
      await importFiles(client, [file])
      const result = await client.call('labels.import', { path })
      expect(result).toMatchObject({ read: 6, invalid: 4, unmatched: 1, predictions: 1 })
      expect(result.problems.map((problem) => /:(\d+):/.exec(problem)?.[1])).toEqual(['1', '2', '3', '4'])
    })
  })

  it('a hash that is not of its text attaches nothing to another text', async () => {
    const all = await good()
    const long = all.find(({ text }) => (text as string).length > 500)!
    const short = all.find(({ text }) => text === 'x')!
    const path = join(folder, 'hash.jsonl')
    writeFileSync(path, `${JSON.stringify({ ...long, text_hash: short['text_hash'] })}\n`)
    await withEngine(async ({ client }) => {
      await importFiles(client, [file])
      const result = await client.call('labels.import', { path })
      expect(result).toMatchObject({ read: 1, added: 0, predictions: 0 })
      expect(result.invalid + result.unmatched).toBe(1)
    })
  })

  it('a file that is not there is named', async () => {
    const path = join(folder, 'nowhere.jsonl')
    await expect(first.client.call('labels.import', { path })).rejects.toMatchObject({
      code: 'input_unreadable',
    })
  })

  it('other thresholds in a file do not change what stored counts mean', async () => {
    await withEngine(async ({ client }) => {
      await importFiles(client, [file])
      await ended(
        client,
        await client.call('classify.start', { model: 'cairn-fast', device: 'cpu', filter: { ids: [1] } }),
      )
      const before = await client.call('traces.get', { id: 1 })
      const all = await good()
      const altered = all.map((row) => ({
        ...row,
        prediction: { ...(row['prediction'] as object), thresholds: [0.01, 0.01, 0.01, 0.01] },
      }))
      const path = join(folder, 'thresholds.jsonl')
      writeFileSync(path, altered.map((row) => JSON.stringify(row)).join('\n'))
      await client.call('labels.import', { path })
      const after = await client.call('traces.get', { id: 1 })
      expect(after.row.steps).toEqual(before.row.steps)
      expect(after.prediction!.thresholds).toEqual(before.prediction!.thresholds)
    })
  })
})

describe('labels.import', () => {
  it('of a label that was removed leaves the removal open to undo', async () => {
    const path = await exportAnnotations(first, 'twin.jsonl', 'utf16')
    const { client } = first
    const before = await client.call('labels.list', { traceId: 1 })
    await client.call('labels.remove', { id: before[0]!.id })
    expect(await client.call('labels.import', { path })).toMatchObject({ added: 1 })
    await client.call('history.undo', {})
    expect(await client.call('labels.list', { traceId: 1 })).toEqual(before)
  })

  it('tells listeners, and shows in selections asked for before', async () => {
    const path = await exportAnnotations(first, 'tell.jsonl', 'utf16')
    const labelled = await first.client.call('traces.count', { filter: { labelled: true } })
    await withEngine(async ({ client }) => {
      await importFiles(client, [file])
      await classifyAll(client)
      const list = () => client.call('traces.list', { filter: { labelled: true }, limit: 1000 })
      expect(await list()).toEqual([])
      const told = new Set<number>()
      client.on('labels.changed', ({ traceId }) => told.add(traceId))
      await client.call('labels.import', { path })
      expect(await list()).toHaveLength(labelled)
      await expect.poll(() => told.size).toBe(labelled)
    })
  })
})

describe.skipIf(!hasSharedData)('the labels of shared data', () => {
  it('attach to the traces imported from the same file, each on its words', async () => {
    const path = join(SHARED_DATA, 'labels/dev.jsonl')
    const labelled = jsonLines<{
      text: string
      annotations: { start: number; end: number; behaviours: string[] }[]
    }>(readFileSync(path, 'utf8'))
    await withEngine(async ({ client }) => {
      const imported = await importFiles(client, [path])
      expect(imported).toMatchObject({ imported: labelled.length, rejected: 0 })
      const result = await client.call('labels.import', { path })
      const wanted = labelled.flatMap(({ annotations }) =>
        annotations.flatMap(({ behaviours }) => behaviours),
      )
      expect(result).toMatchObject({ read: labelled.length, unmatched: 0, invalid: 0, problems: [] })
      expect(result.added + result.duplicates).toBe(wanted.length)
      for (const [index, { text, annotations }] of labelled.entries()) {
        const trace = await client.call('traces.get', { id: index + 1 })
        expect(trace.response).toBe(text)
        const points = [...text]
        const expected = annotations.flatMap(({ start, end, behaviours }) =>
          behaviours.map((behaviour) => [behaviour, points.slice(start, end).join('')].join(': ')),
        )
        const attached = (await client.call('labels.list', { traceId: index + 1 })).map(
          ({ behaviour, start, end }) => `${behaviour}: ${text.slice(start, end)}`,
        )
        expect(attached.sort()).toEqual(expected.sort())
      }
    })
  })
})
