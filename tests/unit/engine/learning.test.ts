import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { QueueResult } from '#shared/contract/learning.ts'
import { OwnHead, type OwnBehaviour } from '#shared/contract/own.ts'
import { AdaptationResult } from '#shared/contract/models.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { sentenceKey } from '#shared/domain/learning/queue.ts'
import { engineFor } from './engine-for.ts'
import { ended, importFiles, openEngine, sampleLines } from './support.ts'

const opened = engineFor('file')
beforeAll(async () => {
  const file = opened.put('dpo.jsonl', sampleLines('dpo').slice(0, 24).join('\n'))
  await importFiles(opened.client, [file])
  await ended(
    opened.client,
    await opened.client.call('classify.start', { model: 'cairn-accurate', device: 'cpu' }),
  )
})

const VERDICT = /✅|too (high|low)|not \d|close/i

/**
 * Judges the first steps of a trace, each for all behaviours, as somebody who calls a check only the verdict on it, and
 * else sees what the model sees.
 */
async function label(traceId: number, annotator: string): Promise<string[]> {
  const { bounds, response, prediction } = await opened.client.call('traces.get', { id: traceId })
  const { probabilities, thresholds } = prediction!
  const texts: string[] = []
  const add = Array.from({ length: Math.min(20, bounds!.length / 2) }, (_, step) => {
    const span = { start: bounds![step * 2]!, end: bounds![step * 2 + 1]! }
    const text = response.slice(span.start, span.end)
    texts.push(text)
    return BEHAVIOURS.map((behaviour, column) => {
      const seen = probabilities[step * BEHAVIOURS.length + column]! >= thresholds[column]!
      const shown = behaviour === 'verification' ? VERDICT.test(text) : seen
      return { span, behaviour, verdict: shown ? ('present' as const) : ('absent' as const) }
    })
  }).flat()
  await opened.client.call('labels.apply', { traceId, annotator, add })
  return texts
}

describe('learning from labels as they are made', () => {
  it('starts with the model’s own output', async () => {
    const heads = await opened.client.call('learning.heads', {})
    expect(heads).toMatchObject({ model: 'cairn-accurate', steps: 0, annotator: null })
    expect(heads.heads.length).toBeGreaterThanOrEqual(16)
    for (const behaviour of BEHAVIOURS) expect(Math.max(...heads.behaviours[behaviour].weights)).toBe(0.5)
    expect(await opened.client.call('learning.trace', { traceId: 1 })).toBeNull()
  })

  it('asks for steps, none twice and none that is labelled', async () => {
    const known = new Set((await label(2, 'Ann')).map(sentenceKey))
    const told: { done: number; total: number | null }[] = []
    const stop = opened.client.on('jobs.changed', ({ kind, progress }) => {
      if (kind === 'queue') told.push(progress)
    })
    const job = await opened.client.call('learning.queue', { count: 12 })
    const { items, traces } = QueueResult.parse((await ended(opened.client, job)).result)
    stop()
    // Of every trace that is read, labelled ones too, from before the first.
    expect(told.find(({ total }) => total !== null)).toMatchObject({ done: 0 })
    expect(told.at(-1)).toMatchObject({ done: told.at(-1)!.total })
    expect(told.at(-1)!.total).toBeGreaterThan(24)
    expect(traces).toBe(24)
    expect(items.length).toBe(12)
    expect(new Set(items.map(({ text }) => sentenceKey(text))).size).toBe(12)
    expect(items.some(({ text }) => known.has(sentenceKey(text)))).toBe(false)
    const { response } = await opened.client.call('traces.get', { id: items[0]!.traceId })
    expect(response.slice(items[0]!.start, items[0]!.end)).toBe(items[0]!.text)
    expect(items[0]!.bits).toBeGreaterThan(0)
  })

  it('asks for others after those that were passed over, and looks at other traces', async () => {
    const ask = async (input: { asked?: string[]; round?: number; traces?: number }) => {
      const job = await opened.client.call('learning.queue', { count: 12, ...input })
      return QueueResult.parse((await ended(opened.client, job)).result).items
    }
    const first = await ask({})
    expect(await ask({})).toEqual(first)
    const asked = first.map(({ text }) => text)
    const next = await ask({ asked, round: 1 })
    expect(next.length).toBe(12)
    expect(next.filter(({ text }) => asked.map(sentenceKey).includes(sentenceKey(text)))).toEqual([])
    const tracesOf = async (round: number) =>
      new Set((await ask({ traces: 4, round })).map(({ traceId }) => traceId))
    expect((await tracesOf(0)).isDisjointFrom(await tracesOf(1))).toBe(true)
  })

  it('weighs heads by one person’s labels, at once and in milliseconds', async () => {
    for (const traceId of [5, 9, 12, 13, 16, 17]) await label(traceId, 'Ann')
    const ann = await opened.client.call('learning.heads', { annotator: 'Ann' })
    expect(ann.traces).toBe(7)
    expect(ann.milliseconds).toBeLessThan(50)
    const { weights } = ann.behaviours.verification
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1)
    // The model's own head, which reads checks otherwise, had half of the say.
    expect(weights[0]!).toBeLessThan(0.05)
    expect((await opened.client.call('learning.heads', { annotator: 'Bob' })).steps).toBe(0)

    // A label more is heard of at once, and that it was taken back.
    const labelled = await Promise.all(
      [5, 9, 12, 13, 16, 17].map((id) => opened.client.call('traces.get', { id })),
    )
    const long = labelled.find(({ bounds }) => bounds!.length > 40)!
    const [start, end] = long.bounds!.subarray(40)
    const add = [
      { span: { start: start!, end: end! }, behaviour: 'verification' as const, verdict: 'present' as const },
    ]
    await opened.client.call('labels.apply', { traceId: long.row.id, annotator: 'Ann', add })
    const steps = async () => (await opened.client.call('learning.heads', { annotator: 'Ann' })).steps
    expect(await steps()).toBe(ann.steps + 1)
    await opened.client.call('history.undo', {})
    expect(await steps()).toBe(ann.steps)

    const said = (await opened.client.call('learning.trace', { traceId: 8, annotator: 'Ann' }))!
    const { prediction } = await opened.client.call('traces.get', { id: 8 })
    const mean = (values: Float32Array) =>
      values.reduce((sum, p, at) => (at % BEHAVIOURS.length === 0 ? sum + p : sum), 0)
    expect(said.length).toBe(prediction!.probabilities.length)
    expect(mean(said)).toBeLessThan(mean(prediction!.probabilities) * 0.7)
  })

  it('becomes a model of that person’s, whose classification says what was shown live', async () => {
    const { client } = opened
    const job = await client.call('models.adapt', { model: 'cairn-accurate', annotator: 'Ann' })
    const result = AdaptationResult.parse((await ended(client, job)).result)
    expect(result).toMatchObject({ base: 'cairn-accurate', annotator: 'Ann', traces: 7, problems: 7 })
    expect(result.behaviours.verification).toMatchObject({ kept: true })
    expect(result.model).toMatch(/^cairn-accurate-ann-/)
    const live = (await client.call('learning.trace', { traceId: 8, annotator: 'Ann' }))!
    await ended(client, await client.call('classify.start', { model: result.model!, device: 'cpu' }))
    const { prediction } = await client.call('traces.get', { id: 8 })
    expect(prediction!.model).toBe(result.model)
    for (let at = 0; at < live.length; at += BEHAVIOURS.length)
      expect(Math.abs(live[at]! - prediction!.probabilities[at]!)).toBeLessThan(1e-3)

    const nobody = await client.call('models.adapt', { model: 'cairn-accurate', annotator: 'Zoe' })
    expect((await ended(client, nobody, 'failed')).error!.message).toContain('Zoe has labelled nothing')
    const fast = await client.call('models.adapt', { model: 'cairn-fast', annotator: 'Ann' })
    expect((await ended(client, fast, 'failed')).error!.code).toBe('bad_request')
  })
})

describe('a behaviour of one’s own', () => {
  it('is labelled, learnt, looked for, filtered by and removed', async () => {
    const { client, workspace } = opened
    const { id: behaviour } = await client.call('own.create', { name: 'Comparison' })
    await expect(client.call('own.create', { name: 'comparison' })).rejects.toMatchObject({
      code: 'conflict',
    })
    const shows = (text: string) => /too (high|low)|not \d+|close/i.test(text)
    const early = await client.call('own.train', { behaviour })
    expect((await ended(client, early, 'failed')).error!.message).toContain('label 20 more')

    let examples = 0
    for (let traceId = 1; traceId <= 18; traceId++) {
      const { bounds, response } = await client.call('traces.get', { id: traceId })
      for (let step = 0; step < bounds!.length / 2; step++) {
        const span = { start: bounds![step * 2]!, end: bounds![step * 2 + 1]! }
        if (!shows(response.slice(span.start, span.end))) continue
        examples++
        const labels = await client.call('own.label', {
          traceId,
          behaviour,
          span,
          annotator: 'Ann',
          verdict: 'present',
        })
        expect(labels.some((one) => one.start === span.start)).toBe(true)
      }
    }
    expect(examples).toBeGreaterThanOrEqual(20)
    const job = await client.call('own.train', { behaviour })
    const head = OwnHead.parse((await ended(client, job)).result)
    expect(head.examples).toBe(examples)
    expect(head.f1).toBeGreaterThan(0.6)
    expect(head.warning).toBe('')
    expect(head.seconds).toBeLessThan(30)
    expect(readdirSync(join(workspace, 'behaviours'))).toEqual([head.file])

    await ended(client, await client.call('own.classify', { behaviour }))
    const [listed] = await client.call('own.list', {})
    expect(listed).toMatchObject({ name: 'Comparison', classified: 24 })
    const counts = await client.call('own.counts', { behaviour })
    expect(counts.length).toBe(24)
    expect(listed!.found).toBe(counts.reduce((sum, { steps }) => sum + steps, 0))
    const filter = { own: [{ behaviour, unit: 'steps' as const, min: 1 }] }
    expect(await client.call('traces.count', { filter })).toBe(counts.filter(({ steps }) => steps > 0).length)
    const { predictions } = await client.call('own.trace', { traceId: counts[0]!.traceId })
    const shown = predictions[0]!.probabilities.filter((p) => p >= predictions[0]!.threshold).length
    expect(shown).toBe(counts[0]!.steps)
    // What was looked at is not looked at again.
    const again = (await ended(client, await client.call('own.classify', { behaviour }))).result
    expect(again).toMatchObject({ traces: 0 })

    // Another threshold counts otherwise, as was foretold, and is taken back.
    const spread = await client.call('own.spread', { behaviour })
    expect(spread.traces).toBe(24)
    expect(spread.shown[Math.round(head.threshold * 10_000)]).toBe(listed!.found)
    const stricter = Math.round(Math.min(0.99, head.threshold + 0.3) * 10_000) / 10_000
    await ended(client, await client.call('own.threshold', { behaviour, threshold: stricter }))
    const [counted] = await client.call('own.list', {})
    expect(counted!.found).toBe(spread.shown[Math.round(stricter * 10_000)])
    expect(counted!.found).toBeLessThan(listed!.found)
    const told = await client.call('own.trace', { traceId: counts[0]!.traceId })
    expect(told.predictions[0]!.threshold).toBe(stricter)
    await ended(client, await client.call('own.threshold', { behaviour, threshold: null }))
    expect(await client.call('own.list', {})).toEqual([listed])

    // It stands beside the four: a column that sorts, with its distribution, and a figure of each run.
    const most = { by: `own_${behaviour}` as const, descending: true }
    const rows = await client.call('traces.list', { sort: most })
    expect(rows.map(({ own }) => own[behaviour]!.steps)).toEqual(counts.map(({ steps }) => steps))
    expect(rows.find(({ id }) => id === 1)!.annotations).toBeGreaterThan(0)
    const histogram = await client.call('traces.histogram', { column: `own_${behaviour}` })
    if (histogram.kind !== 'numbers') throw new Error('it counts')
    expect(histogram.bins.reduce((sum, { count }) => sum + count, 0)).toBe(24)
    const [run] = await client.call('stats.runs', {})
    expect(run!.own[behaviour]!.mean).toBeCloseTo(listed!.found / 24)
    expect(run!.own[behaviour]!.share).toBeCloseTo(counts.filter(({ steps }) => steps > 0).length / 24)

    // Removing takes it out of sight with all that belongs to it, and can be undone.
    expect(await client.call('own.remove', { behaviour, annotator: 'Ann' })).toEqual({ removed: true })
    expect(await client.call('own.list', {})).toEqual([])
    expect((await client.call('own.trace', { traceId: 1 })).labels).toEqual([])
    expect(await client.call('traces.count', { filter })).toBe(0)
    expect((await client.call('traces.list', {}))[0]!.own).toEqual({})
    const { id: namesake } = await client.call('own.create', { name: 'COMPARISON' })
    expect(await client.call('history.undo', {})).toMatchObject({ title: 'add the behaviour “COMPARISON”' })
    expect(await client.call('history.undo', {})).toMatchObject({
      title: 'remove the behaviour “Comparison”',
    })
    expect(await client.call('own.list', {})).toEqual([listed])
    expect(await client.call('traces.count', { filter })).toBeGreaterThan(0)
    expect(readdirSync(join(workspace, 'behaviours'))).toEqual([head.file])
    expect((await client.call('own.list', {})).some(({ id }) => id === namesake)).toBe(false)
  })

  it('leaves with an export of annotations and is the same in another workspace', async () => {
    const { client } = opened
    const [{ id: behaviour, examples, found }] = (await client.call('own.list', {})) as [OwnBehaviour]
    const file = join(opened.folder, 'annotations.jsonl')
    await ended(client, await client.call('exports.start', { format: 'annotations', path: file }))
    const other = openEngine(join(opened.folder, 'other'))
    try {
      await importFiles(other.client, [join(opened.folder, 'dpo.jsonl')])
      const { own } = await other.client.call('labels.import', { path: file })
      expect(own).toEqual({ behaviours: 1, added: examples, duplicates: 0, predictions: 24 })
      const twice = await other.client.call('labels.import', { path: file })
      expect(twice.own).toEqual({ behaviours: 0, added: 0, duplicates: examples, predictions: 0 })
      const [there] = await other.client.call('own.list', {})
      expect(there).toMatchObject({ name: 'Comparison', examples, classified: 24, found })
      const again = join(opened.folder, 'again.jsonl')
      await ended(
        other.client,
        await other.client.call('exports.start', { format: 'annotations', path: again }),
      )
      expect(readFileSync(again, 'utf8')).toBe(readFileSync(file, 'utf8'))
    } finally {
      await other.close()
    }
    expect(await client.call('traces.count', { filter: { own: [{ behaviour, min: 1 }] } })).toBeGreaterThan(0)
  })

  it('has its labels taken back by undo, like any other', async () => {
    const { client } = opened
    const [{ id: behaviour }] = (await client.call('own.list', {})) as [OwnBehaviour]
    const place = { traceId: 24, behaviour, span: { start: 0, end: 5 }, annotator: 'Ann' }
    const before = (await client.call('own.trace', { traceId: 24 })).labels
    await client.call('own.label', { ...place, verdict: 'present' })
    await client.call('own.label', { ...place, verdict: 'absent' })
    const labels = async () => (await client.call('own.trace', { traceId: 24 })).labels
    const mine = async () => (await labels()).find(({ start, end }) => start === 0 && end === 5)?.verdict
    expect(await mine()).toBe('absent')
    expect(await client.call('history.undo', {})).toMatchObject({ title: 'reject “Comparison”', traceId: 24 })
    expect(await mine()).toBe('present')
    await client.call('history.undo', {})
    expect(await labels()).toEqual(before)
    expect(await client.call('history.redo', {})).toMatchObject({ title: 'label “Comparison”' })
    expect(await mine()).toBe('present')
    await client.call('history.undo', {})
  })

  it('counts what the head of today has seen, not what an older one left', async () => {
    const { client } = opened
    const [{ id: behaviour, head: before }] = (await client.call('own.list', {})) as [OwnBehaviour]
    for (let traceId = 1; traceId <= 8; traceId++) {
      const { bounds, response } = await client.call('traces.get', { id: traceId })
      for (let step = 0; step < bounds!.length / 2; step++) {
        const span = { start: bounds![step * 2]!, end: bounds![step * 2 + 1]! }
        if (response.slice(span.start, span.end).includes('='))
          await client.call('own.label', { traceId, behaviour, span, annotator: 'Ann', verdict: 'present' })
      }
    }
    await ended(client, await client.call('own.train', { behaviour }))
    await ended(client, await client.call('own.classify', { behaviour, filter: { ids: [1, 2] } }))
    const [now] = await client.call('own.list', {})
    expect(now!.head!.version).toBe(before!.version + 1)
    expect(now).toMatchObject({ classified: 2, outdated: 22 })
    expect(now!.found).toBeGreaterThan(0)
    const spread = await client.call('own.spread', { behaviour })
    expect(spread.traces).toBe(2)
    expect(spread.shown[Math.round(now!.head!.threshold * 10_000)]).toBe(now!.found)
    const counts = await client.call('own.counts', { behaviour })
    expect(counts.map(({ traceId }) => traceId).sort()).toEqual([1, 2])
    const rows = await client.call('traces.list', {
      sort: { by: `own_${behaviour}` as const, descending: true },
    })
    expect(rows.filter(({ own }) => own[behaviour] !== undefined).length).toBe(2)
    expect(rows[0]!.own[behaviour]!.steps).toBe(counts[0]!.steps)
    expect(await client.call('traces.count', { filter: { own: [{ behaviour, min: 0 }] } })).toBe(2)
    const [run] = await client.call('stats.runs', {})
    expect(run!.own[behaviour]!.mean).toBeCloseTo(now!.found / 2)
    await ended(client, await client.call('own.threshold', { behaviour, threshold: 0.9 }))
    expect((await client.call('own.list', {}))[0]!.found).toBe(spread.shown[9000])
    await ended(client, await client.call('own.classify', { behaviour }))
    expect((await client.call('own.list', {}))[0]).toMatchObject({ classified: 24, outdated: 0 })
  })
})
