import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { AdaptationResult, EvaluationResult } from '#shared/contract/models.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { countBehaviours } from '#shared/domain/counts.ts'
import { engineFor } from './engine-for.ts'
import { dumpTables, ended, importFiles, openEngine, sampleLines, tableHashes } from './support.ts'

const FAST = resolve(import.meta.dirname, '../../../resources/models/cairn-fast')
const TABLES = ['predictions', 'steps']
const { version } = JSON.parse(readFileSync(join(FAST, 'manifest.json'), 'utf8')) as { version: string }
const first = { model: 'cairn-fast', version }
const second = { model: 'bold', version: '2' }

let traces: number

/** A model of the workspace's own: the fast one, but with low thresholds. */
function addBold(workspace: string): void {
  const path = join(workspace, 'models/bold')
  mkdirSync(join(workspace, 'models'), { recursive: true })
  cpSync(FAST, path, { recursive: true })
  const manifest = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')) as Record<string, unknown>
  const thresholds = Object.fromEntries(BEHAVIOURS.map((behaviour) => [behaviour, 0.05]))
  const changed = { ...manifest, id: 'bold', version: '2', title: 'Bold', thresholds }
  writeFileSync(join(path, 'manifest.json'), JSON.stringify(changed))
}

const opened = engineFor('file')
beforeAll(async () => {
  addBold(opened.workspace)
  const file = opened.put('dpo.jsonl', sampleLines('dpo').slice(0, 120).join('\n'))
  await importFiles(opened.client, [file])
  traces = await opened.client.call('traces.count', {})
})

const classify = async (model: string, options: { beside?: boolean } = {}): Promise<number> => {
  const job = await opened.client.call('classify.start', { model, device: 'cpu', ...options })
  return ((await ended(opened.client, job)).result as { traces: number }).traces
}
const shownBy = async () =>
  (await opened.client.call('models.predicted', {})).map(({ model, shown, beside }) => [model, shown, beside])

describe('several models', () => {
  it('are listed, a workspace’s own among them, with the one that is used', async () => {
    const list = await opened.client.call('models.list', {})
    expect(list.find(({ id }) => id === 'bold')).toMatchObject({ builtIn: false, kind: 'hashed-ngrams' })
    expect(list.filter(({ standard }) => standard)).toHaveLength(1)
    await opened.client.call('settings.set', { model: 'bold' })
    expect((await opened.client.call('models.list', {})).find(({ standard }) => standard)?.id).toBe('bold')
    await opened.client.call('settings.set', { model: null })
  })

  it('keep their predictions beside each other, and change places', async () => {
    expect(await classify('cairn-fast')).toBe(traces)
    const before = tableHashes(opened.workspace, TABLES)
    expect(await classify('bold', { beside: true })).toBe(traces)
    expect(tableHashes(opened.workspace, TABLES)).toEqual(before)
    expect(await shownBy()).toEqual([
      ['cairn-fast', traces, 0],
      ['bold', 0, traces],
    ])
    expect(await classify('bold')).toBe(traces)
    expect(await shownBy()).toEqual([
      ['bold', traces, 0],
      ['cairn-fast', 0, traces],
    ])
    expect(await classify('cairn-fast')).toBe(traces)
    expect(tableHashes(opened.workspace, TABLES)).toEqual(before)
    expect(await classify('bold', { beside: true })).toBe(0)
  })

  it('agree as often as counting by hand says, and differ where only one sees something', async () => {
    const agreement = await opened.client.call('models.agreement', { first, second })
    expect(agreement.traces).toBe(traces)
    const own = await Promise.all(
      Array.from({ length: traces }, (_, index) => opened.client.call('traces.get', { id: index + 1 })),
    )
    const [low, high] = [new Array<number>(4).fill(0.05), own[0]!.prediction!.thresholds]
    const sum = (thresholds: number[], column: number) =>
      own.reduce(
        (total, { prediction }) =>
          total + countBehaviours(prediction!.probabilities, thresholds).steps[column]!,
        0,
      )
    BEHAVIOURS.forEach((behaviour, column) => {
      const { both, first: fast, second: bold } = agreement.behaviours[behaviour]
      expect(both + fast).toBe(sum(high, column))
      expect(both + bold).toBe(sum(low, column))
    })
    const differences = await opened.client.call('models.differences', { first, second, limit: 20 })
    expect(differences.length).toBeGreaterThan(0)
    for (const { traceId, start, end, text } of differences)
      expect(own[traceId - 1]!.response.slice(start, end)).toBe(text)
    const [one] = differences
    await opened.client.call('labels.add', {
      traceId: one!.traceId,
      span: { start: one!.start, end: one!.end },
      behaviour: one!.behaviour,
      verdict: 'absent',
      annotator: 'test',
    })
    const after = await opened.client.call('models.differences', { first, second, limit: 20 })
    const places = after.map((difference) => [difference.traceId, difference.start, difference.behaviour])
    expect(places).not.toContainEqual([one!.traceId, one!.start, one!.behaviour])
  })

  it('show what nobody has judged first, however much was judged before', async () => {
    const { client } = opened
    const find = () => client.call('models.differences', { first, second, limit: 2 })
    const all = await client.call('models.differences', { first, second, limit: 40 })
    expect(all).toHaveLength(40)
    const labels: { traceId: number; id: number }[] = []
    for (const { traceId, start, end, behaviour } of all) {
      const add = [{ span: { start, end }, behaviour, verdict: 'present' as const }]
      const { added } = await client.call('labels.apply', { traceId, annotator: 'test', add })
      labels.push(...added.map(({ id }) => ({ traceId, id })))
    }
    const open = await find()
    expect(open.map(({ truth }) => truth)).toEqual([null, null])
    for (const { traceId, id } of labels)
      await client.call('labels.apply', { traceId, annotator: 'test', remove: [id] })
    expect(await find()).toEqual(all.slice(0, 2))
  })
})

describe('thresholds', () => {
  it('count as foretold, are kept by a new classification, and can be taken back', async () => {
    const { client } = opened
    const counts = await client.call('models.counts', first)
    expect(counts.traces).toBe(traces)
    const before = dumpTables(opened.workspace, ['traces', 'models'])
    const totals = async () => {
      const rows = await client.call('traces.list', { limit: 1000 })
      return BEHAVIOURS.map((behaviour) => ({
        steps: rows.reduce((sum, { steps }) => sum + steps![behaviour], 0),
        episodes: rows.reduce((sum, { episodes }) => sum + episodes![behaviour], 0),
        showing: rows.filter(({ steps }) => steps![behaviour] > 0).length,
      }))
    }
    for (const level of [0, 353, 3321, 9999, 10_000]) {
      const thresholds = BEHAVIOURS.map(() => level / 10_000)
      await ended(client, await client.call('models.thresholds', { ...first, thresholds }))
      expect(await totals()).toEqual(
        BEHAVIOURS.map((_, column) => ({
          steps: counts.shown[column * 10_001 + level],
          episodes: counts.episodes[column * 10_001 + level],
          showing: counts.showing[column * 10_001 + level],
        })),
      )
    }
    const force = { model: 'cairn-fast', device: 'cpu', force: true } as const
    await ended(client, await client.call('classify.start', force))
    expect(await totals()).toMatchObject(
      BEHAVIOURS.map((_, column) => ({ steps: counts.shown[column * 10_001 + 10_000] })),
    )
    await ended(client, await client.call('models.thresholds', { ...first, thresholds: null }))
    expect(dumpTables(opened.workspace, ['traces', 'models'])).toEqual(before)
  })
})

describe('evaluation', () => {
  it('on the labels of the workspace finds what a person said', async () => {
    const { client } = opened
    const job = await client.call('models.evaluate', { model: 'cairn-fast', device: 'cpu', judged: false })
    const result = EvaluationResult.parse((await ended(client, job)).result)
    expect(result).toMatchObject({ labels: null, traces: 1, invalid: 0 })
    expect(result.same_steps).toBe(result.steps)
    const extra = result.errors.filter(({ kind }) => kind === 'extra')
    expect(extra.every(({ traceId }) => traceId !== null)).toBe(true)
    const { precision } = result.curves.verification
    expect(precision).toHaveLength(101)
    expect(precision[0]).toBe(0)
    const steps = result.reliability.verification.reduce((sum, bin) => sum + bin.steps, 0)
    expect(steps).toBe(result.steps)
  })

  it('without labels says what to do', async () => {
    const empty = openEngine(join(opened.folder, 'empty'))
    try {
      const job = await empty.client.call('models.evaluate', { model: 'cairn-fast', device: 'cpu' })
      const { error } = await ended(empty.client, job, 'failed')
      expect(error).toMatchObject({ code: 'bad_request' })
      expect(error!.message).toContain('Label some')
    } finally {
      await empty.close()
    }
  })
})

describe('learning from labels', () => {
  it('makes a model of the workspace’s own, which can be used and taken back', async () => {
    const { client } = opened
    // A person who sees a check in every third step the model is unsure of, and in no other.
    for (let traceId = 1; traceId <= 40; traceId++) {
      const { bounds } = await client.call('traces.get', { id: traceId })
      const add = Array.from({ length: bounds!.length / 2 }, (_, step) => ({
        span: { start: bounds![step * 2]!, end: bounds![step * 2 + 1]! },
        behaviour: 'verification' as const,
        verdict: step % 3 === 0 ? ('present' as const) : ('absent' as const),
      }))
      await client.call('labels.apply', { traceId, annotator: 'test', add })
    }
    const job = await client.call('models.adapt', { model: 'cairn-fast', device: 'cpu' })
    const result = AdaptationResult.parse((await ended(client, job)).result)
    expect(result).toMatchObject({ model: 'cairn-fast-mine', base: 'cairn-fast', traces: 40 })
    const { kept, lossBefore, lossAfter, steps } = result.behaviours.verification
    expect(kept).toBe(true)
    expect(lossAfter).toBeLessThan(lossBefore)
    expect(steps).toBeGreaterThan(400)
    expect(await client.call('models.learned', { model: 'cairn-fast-mine' })).toEqual({
      ...result,
      problems: null,
    })
    expect(await client.call('models.learned', { model: 'cairn-fast' })).toBeNull()
    const list = await client.call('models.list', {})
    expect(list.find(({ id }) => id === 'cairn-fast-mine')).toMatchObject({
      base: 'cairn-fast',
      builtIn: false,
    })

    const before = tableHashes(opened.workspace, TABLES)
    expect(await classify('cairn-fast-mine')).toBe(traces)
    const { prediction } = await client.call('traces.get', { id: 1 })
    expect(prediction!.model).toBe('cairn-fast-mine')
    expect(tableHashes(opened.workspace, TABLES)).not.toEqual(before)
    const mine = { model: 'cairn-fast-mine' }
    expect(await client.call('models.remove', mine)).toEqual({ removed: true })
    expect(await classify('cairn-fast')).toBe(traces)
    expect(tableHashes(opened.workspace, TABLES)).toEqual(before)

    expect(await client.call('models.restore', mine)).toEqual({ restored: true })
    expect(await client.call('models.list', {})).toEqual(list)
    await expect(client.call('models.restore', mine)).rejects.toMatchObject({ code: 'not_found' })
    await expect(client.call('models.restore', { model: '../..' })).rejects.toMatchObject({
      code: 'bad_request',
    })
    await client.call('models.remove', mine)
    await expect(client.call('models.remove', { model: 'cairn-fast' })).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  it('learns where nothing names the problem, and says what stands where it gains nothing', async () => {
    const file = opened.put(
      'nameless.jsonl',
      Array.from({ length: 12 }, (_, index) =>
        JSON.stringify({
          response: `So ${index} it is. Let me check that. It is. ${'It goes on. '.repeat(8)}`,
        }),
      ).join('\n'),
    )
    const { client, close } = openEngine(join(opened.folder, 'nameless'))
    try {
      await importFiles(client, [file])
      await ended(client, await client.call('classify.start', { model: 'cairn-fast', device: 'cpu' }))
      const learn = async () =>
        AdaptationResult.parse(
          (await ended(client, await client.call('models.adapt', { model: 'cairn-fast', device: 'cpu' })))
            .result,
        )
      const all: number[][] = []
      for (let traceId = 1; traceId <= 12; traceId++) {
        const { bounds } = await client.call('traces.get', { id: traceId })
        const add = Array.from({ length: bounds!.length / 2 }, (_, step) => ({
          span: { start: bounds![step * 2]!, end: bounds![step * 2 + 1]! },
          behaviour: 'verification' as const,
          verdict: step % 2 === 0 ? ('present' as const) : ('absent' as const),
        }))
        const { added } = await client.call('labels.apply', { traceId, annotator: 'test', add })
        all.push(added.map(({ id }) => id))
      }
      expect(await learn()).toMatchObject({ model: 'cairn-fast-mine', problems: 12, standing: null })
      const interval = async () => {
        const job = await client.call('models.evaluate', { model: 'cairn-fast', device: 'cpu' })
        return EvaluationResult.parse((await ended(client, job)).result).behaviours.verification.f1_interval
      }
      expect(await interval()).not.toBeNull()

      const forget = (from: number, to: number) =>
        Promise.all(
          all
            .slice(from, to)
            .map((remove, index) =>
              client.call('labels.apply', { traceId: from + index + 1, annotator: 'test', remove }),
            ),
        )
      await forget(1, 12)
      expect(await interval()).toBeNull()
      expect(await learn()).toMatchObject({ model: null, problems: 1, standing: 'cairn-fast-mine' })
      // What was learnt on another version of its base cannot run any more.
      const standard = async () => (await client.call('models.list', {})).find((one) => one.standard)?.id
      await client.call('settings.set', { model: 'cairn-fast-mine' })
      expect(await standard()).toBe('cairn-fast-mine')
      const manifest = join(opened.folder, 'nameless/models/cairn-fast-mine/manifest.json')
      const adapted = JSON.parse(readFileSync(manifest, 'utf8')) as object
      const base = { id: 'cairn-fast', version: '0.0.0' }
      writeFileSync(manifest, JSON.stringify({ ...adapted, version: '0.0.0+1', base }))
      expect(await learn()).toMatchObject({ model: null, problems: 1, standing: null })
      expect(await standard()).toBe('cairn-fast')
      await client.call('models.remove', { model: 'cairn-fast-mine' })
      expect(await learn()).toMatchObject({ model: null, problems: 1, standing: null })
    } finally {
      await close()
    }
  })
})
