import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, it } from 'vitest'
import { DATABASE_FILE } from '#engine/db/connection.ts'
import { loadRunner } from '#engine/inference/runner.ts'
import { AdaptationResult } from '#shared/contract/models.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { engineFor } from './engine-for.ts'
import { dumpTables, ended, importFiles, sampleLines } from './support.ts'

const MODELS = resolve(import.meta.dirname, '../../fixtures/models')
const CLASSIFIER = join(MODELS, 'tiny-classifier')
const ENCODER = join(MODELS, 'tiny-encoder')
const TRACES = 40
const [VERIFICATION, BACKTRACKING] = [0, 1]

const opened = engineFor('file')
beforeAll(async () => {
  await importFiles(opened.client, [opened.put('dpo.jsonl', sampleLines('dpo').slice(0, TRACES).join('\n'))])
})

const add = (folder: string, id: string, map: Record<string, string> = {}, threshold = 0.5) =>
  opened.client.call('models.add', { folder, id, map, threshold })
const remove = (model: string) => opened.client.call('models.remove', { model })
const classify = async (model: string, force = false) => {
  const job = await opened.client.call('classify.start', { model, device: 'cpu', force })
  return ((await ended(opened.client, job)).result as { traces: number }).traces
}
const shown = async (id = 1) => (await opened.client.call('traces.get', { id })).prediction!
/** What is said of each step of the first trace, of one behaviour. */
const column = async (behaviour: number) =>
  (await shown()).probabilities.filter((_, at) => at % BEHAVIOURS.length === behaviour)

/** A copy of a model with a file of it replaced. */
function copy(of: string, name: string, file: string, content: object): string {
  const folder = join(opened.folder, name)
  cpSync(of, folder, { recursive: true })
  mkdirSync(join(folder, file, '..'), { recursive: true })
  writeFileSync(join(folder, file), JSON.stringify(content))
  return folder
}

describe('another maker’s model that comes back under the name of one that was removed', () => {
  it('says what it says itself when its labels are mapped otherwise', async () => {
    const wrong = await add(CLASSIFIER, 'mine', { verification: 'goes back', backtracking: 'checks' })
    expect(await classify('mine')).toBe(TRACES)
    const [back, checks] = [await column(VERIFICATION), await column(BACKTRACKING)]
    expect(back).not.toEqual(checks)
    // Thresholds that a person set are those of the former model.
    const former = { model: 'mine', version: wrong.version }
    await ended(
      opened.client,
      await opened.client.call('models.thresholds', { ...former, thresholds: [0.9, 0.9, 0.9, 0.9] }),
    )

    await remove('mine')
    const right = await add(CLASSIFIER, 'mine', { verification: 'checks', backtracking: 'goes back' })
    expect(right.version).not.toBe(wrong.version)
    expect(await classify('mine')).toBe(TRACES)
    expect(await shown()).toMatchObject({ version: right.version, thresholds: [0.5, 0.5, 0.5, 0.5] })
    expect(await column(VERIFICATION)).toEqual(checks)
    expect(await column(BACKTRACKING)).toEqual(back)
  })

  it('is the same again when nothing of it differs, and another with other thresholds', async () => {
    const map = { verification: 'checks' }
    const { version } = await add(CLASSIFIER, 'same', map)
    expect(version).toMatch(/^[0-9a-f]{8}$/)
    expect(await classify('same')).toBe(TRACES)
    await remove('same')
    expect((await add(CLASSIFIER, 'same', map)).version).toBe(version)
    expect(await classify('same')).toBe(0)
    await remove('same')
    await add(CLASSIFIER, 'same', map, 0.1)
    expect(await classify('same')).toBe(TRACES)
    expect((await shown()).thresholds).toEqual([0.1, 0.1, 0.1, 0.1])
  })

  it('is tried out itself, not the former one that is still loaded', async () => {
    await add(CLASSIFIER, 'tried', { verification: 'checks' })
    await remove('tried')
    const config = JSON.parse(readFileSync(join(CLASSIFIER, 'config.json'), 'utf8')) as object
    const wrong = copy(CLASSIFIER, 'wrong', 'config.json', { ...config, id2label: { 0: 'a', 1: 'b' } })
    await expect(add(wrong, 'tried', { verification: 'a' })).rejects.toMatchObject({
      code: 'inference_failed',
    })
    expect(readdirSync(join(opened.workspace, 'models'))).not.toContain('tried')
  })

  it('does not go on with what another version began', async () => {
    const { path, version } = await add(CLASSIFIER, 'replaced', { verification: 'checks' })
    const request = { modelDir: path, device: 'cpu', threads: 1 } as const
    await expect(loadRunner({ ...request, version: '1' })).rejects.toMatchObject({
      code: 'model_invalid',
      message: expect.stringContaining('was replaced') as string,
    })
    await (await loadRunner({ ...request, version })).release()
  })

  it('makes vectors of its own, which are compared with no others', async () => {
    const { client } = opened
    const make = async (filter: object) =>
      (await ended(client, await client.call('similar.start', { model: 'vec', filter }))).result
    const find = () => client.call('similar.find', { model: 'vec', like: { text: 'Let me check that.' } })
    await add(ENCODER, 'vec')
    expect(await make({})).toMatchObject({ traces: TRACES })
    const former = dumpTables(opened.workspace, ['step_vectors'])['step_vectors']!.length
    const { version } = await find()

    await remove('vec')
    const first = copy(ENCODER, 'first', '1_Pooling/config.json', { pooling_mode_cls_token: true })
    const again = await add(first, 'vec')
    expect(again.version).not.toBe(version)
    await expect(find()).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('Make them anew') as string,
    })
    // Those of the former version go only where there are new ones.
    expect(await make({ ids: [TRACES + 1] })).toMatchObject({ traces: 0 })
    expect(await make({ ids: [1, 2] })).toMatchObject({ traces: 2 })
    expect(dumpTables(opened.workspace, ['step_vectors'])['step_vectors']).toHaveLength(former)
    expect(await make({})).toMatchObject({ traces: TRACES - 2 })
    expect(dumpTables(opened.workspace, ['step_vectors'])['step_vectors']).toHaveLength(former)
    expect((await find()).version).toBe(again.version)

    // While a version's are being made, those of the one before are still there: it is one model.
    const db = new Database(join(opened.workspace, DATABASE_FILE))
    db.exec(`
      INSERT INTO models (model, version, thresholds) VALUES ('vec', 'next', '[]');
      INSERT INTO step_vectors (model_id, trace_id, segmenter, width, bounds, directions)
        SELECT (SELECT max(id) FROM models), trace_id, segmenter, width, bounds, directions FROM step_vectors LIMIT 1`)
    db.close()
    expect(await client.call('similar.models', {})).toEqual([{ model: 'vec', version: 'next', traces: 1 }])
  })
})

describe('an adaptation that is made anew after it was removed', () => {
  /** A person who sees a check in every third step of some traces, counted from one of them. */
  const label = async (from: number, to: number, every: number) => {
    for (let traceId = from; traceId <= to; traceId++) {
      const { bounds } = await opened.client.call('traces.get', { id: traceId })
      const labels = Array.from({ length: bounds!.length / 2 }, (_, step) => ({
        span: { start: bounds![step * 2]!, end: bounds![step * 2 + 1]! },
        behaviour: 'verification' as const,
        verdict: step % every === 0 ? ('present' as const) : ('absent' as const),
      }))
      await opened.client.call('labels.apply', { traceId, annotator: 'test', add: labels })
    }
  }
  const adapt = async () => {
    const job = await opened.client.call('models.adapt', { model: 'cairn-fast', device: 'cpu' })
    const { model } = AdaptationResult.parse((await ended(opened.client, job)).result)
    expect(model).toBe('cairn-fast-mine')
    const list = await opened.client.call('models.list', {})
    return list.find(({ id }) => id === model)!.version
  }

  const digits = (version: string) => version.split('.').at(-1)

  it('is another version, and its predictions take the place of the former ones', async () => {
    await label(1, 30, 3)
    const former = await adapt()
    expect(former).toMatch(/\+1\.[0-9a-f]{4}$/)
    expect(await classify('cairn-fast-mine')).toBe(TRACES)
    const before = await column(VERIFICATION)

    await remove('cairn-fast-mine')
    await label(31, TRACES, 2)
    const version = await adapt()
    expect(version).toMatch(/\+2\.[0-9a-f]{4}$/)
    // What was learnt is another thing, which its digits say.
    expect(digits(version)).not.toBe(digits(former))
    expect(await classify('cairn-fast-mine')).toBe(TRACES)
    expect((await shown()).version).toBe(version)
    expect(await column(VERIFICATION)).not.toEqual(before)
    // The very same labels teach the very same.
    const again = await adapt()
    expect(again).toMatch(/\+3\.[0-9a-f]{4}$/)
    expect(digits(again)).toBe(digits(version))
  })
})
