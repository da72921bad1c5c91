import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ApiInput } from '#shared/contract/index.ts'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import { judgedLabels } from '#shared/domain/evaluation/judged.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { hasSharedData, SHARED_DATA } from '../shared-data.ts'
import { engineFor } from './engine-for.ts'
import { importFiles, type TestEngine } from './support.ts'

const opened = engineFor('test')
const call: TestEngine['client']['call'] = (method, input) => opened.client.call(method, input)
const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

const TEXT =
  'I add the two numbers first.\n\nWait, that is not right at all.\n\nLet me check it once more.\n\nSo it is four.'
const bounds = segment(TEXT)
const spanOf = (step: number) => ({ start: bounds[step * 2]!, end: bounds[step * 2 + 1]! })

async function importTraces(count: number) {
  const rows = Array.from({ length: count }, (_, at) => ({
    prompt: `p${at}`,
    response: TEXT,
    run: `run${at % 2}`,
  }))
  await importFiles(opened.client, [opened.put('run.jsonl', lines(rows))])
}

type Verdict = 'present' | 'absent'
async function say(
  annotator: string,
  step: number,
  verdict: Verdict,
  behaviour: Behaviour = 'verification',
  traceId = 1,
) {
  const add: ApiInput<'labels.apply'>['add'] = [{ span: spanOf(step), behaviour, verdict }]
  return (await call('labels.apply', { traceId, annotator, add })).added[0]!
}
/** What is learnt from the labels of the first trace. */
async function truth(step: number, behaviour: Behaviour = 'verification') {
  const labels = judgedLabels(bounds, await call('labels.list', { traceId: 1 }), true)
  return labels[step * BEHAVIOURS.length + BEHAVIOURS.indexOf(behaviour)]
}
const among = (verdicts: Record<string, Verdict>) =>
  Object.entries(verdicts).map(([annotator, verdict]) => ({ annotator, verdict }))

describe('agreement between annotators', () => {
  it('is of steps that at least two have judged', async () => {
    await importTraces(2)
    for (const step of [0, 1, 2, 3]) await say('Ann', step, step < 2 ? 'present' : 'absent')
    for (const step of [0, 2, 3]) await say('Bob', step, step < 1 ? 'present' : 'absent')
    await say('Bob', 1, 'absent')
    await say('Cem', 0, 'present', 'verification', 2)
    const { people, traces, steps, behaviours, pairs } = await call('labels.agreement', {})
    expect(people).toEqual([
      { annotator: 'Ann', traces: 1, labels: 4 },
      { annotator: 'Bob', traces: 1, labels: 4 },
      { annotator: 'Cem', traces: 1, labels: 1 },
    ])
    expect({ traces, steps }).toEqual({ traces: 1, steps: 4 })
    expect(behaviours.verification).toMatchObject({ steps: 4, differ: 1, interval: null })
    // κ: 3 of 4 alike, by chance (2·1 + 2·3) / 16; α: of 8 verdicts 3 are yes, and 2 of the pairs differ.
    expect(pairs).toHaveLength(1)
    expect(pairs[0]).toMatchObject({ between: ['Ann', 'Bob'], traces: 1, steps: 4 })
    expect(pairs[0]!.behaviours.verification).toMatchObject({ both: 1, first: 1, second: 0, neither: 2 })
    expect(pairs[0]!.behaviours.verification.kappa).toBeCloseTo((3 / 4 - 1 / 2) / (1 / 2), 12)
    expect(behaviours.verification.alpha).toBeCloseTo(1 - (7 * 2) / 30, 12)
    // Nobody has denied it of a step that the other says shows nothing.
    expect(behaviours.backtracking).toMatchObject({ steps: 1, differ: 0, alpha: null })
    expect(pairs[0]!.behaviours.backtracking).toMatchObject({ neither: 1, kappa: null })
  })

  it('is of all steps of the traces that two have labelled, of a selection, and of some people', async () => {
    await importTraces(2)
    for (const traceId of [1, 2]) {
      await say('Ann', 0, 'present', 'backtracking', traceId)
      await say('Bob', 1, 'present', 'backtracking', traceId)
    }
    await say('Cem', 0, 'present', 'backtracking', 2)
    const judged = await call('labels.agreement', {})
    expect(judged).toMatchObject({ traces: 1, steps: 1 })
    const all = { judged: false } as const
    expect(await call('labels.agreement', all)).toMatchObject({ traces: 2, steps: (2 * bounds.length) / 2 })
    const one = await call('labels.agreement', { ...all, filter: { runs: ['run0'] } })
    expect(one).toMatchObject({ traces: 1, people: [{ annotator: 'Ann', traces: 1 }, { annotator: 'Bob' }] })
    expect(one.behaviours.backtracking).toMatchObject({ steps: bounds.length / 2, differ: 2 })
    const two = await call('labels.agreement', { ...all, annotators: ['Bob', 'Cem'] })
    expect(two.pairs.map(({ between }) => between)).toEqual([['Bob', 'Cem']])
    expect(two.people).toHaveLength(3)
    await expect(call('labels.agreement', { annotators: ['Ann', 'Dan'] })).rejects.toThrow(
      'Dan has labelled none of these traces.',
    )
  })

  it('tells who alone has labelled', async () => {
    await importTraces(1)
    expect((await call('labels.agreement', {})).people).toEqual([])
    await say('Ann', 0, 'present')
    expect(await call('labels.agreement', {})).toMatchObject({
      people: [{ annotator: 'Ann' }],
      traces: 0,
      pairs: [],
    })
    expect(await call('labels.differences', {})).toEqual([])
  })
})

describe('where annotators differ', () => {
  it('is told step by step, of one behaviour or of all, and no more than wanted', async () => {
    await importTraces(1)
    await say('Ann', 0, 'present')
    await say('Bob', 0, 'absent')
    await say('Ann', 2, 'present', 'backtracking')
    await say('Bob', 2, 'present')
    const found = await call('labels.differences', {})
    expect(found.map(({ start, behaviour }) => [start, behaviour])).toEqual([
      [spanOf(0).start, 'verification'],
      [spanOf(2).start, 'verification'],
      [spanOf(2).start, 'backtracking'],
    ])
    expect(found[0]).toMatchObject({
      ...{
        traceId: 1,
        run: 'run0',
        ...spanOf(0),
        truth: null,
        text: TEXT.slice(...Object.values(spanOf(0))),
      },
      said: among({ Ann: 'present', Bob: 'absent' }),
      last: { annotator: 'Bob', verdict: 'absent' },
    })
    // Bob has seen another behaviour there, and so not this one: Ann alone has spoken of it.
    expect(found[2]).toMatchObject({
      said: among({ Ann: 'present', Bob: 'absent' }),
      last: { annotator: 'Ann', verdict: 'present' },
    })
    expect(await call('labels.differences', { behaviour: 'backtracking' })).toEqual([found[2]])
    expect(await call('labels.differences', { limit: 1 })).toEqual([found[0]])
  })

  it('is settled by one’s own label, which counts from then on, and taken back by an undo', async () => {
    await importTraces(1)
    const ann = await say('Ann', 0, 'present')
    await say('Ann', 1, 'present')
    const bob = await say('Bob', 0, 'absent')
    await say('Bob', 1, 'absent')
    expect(await truth(0)).toBe(0)
    const cem = await say('Cem', 0, 'present')
    expect(await truth(0)).toBe(1)
    expect((await call('labels.list', { traceId: 1 })).filter(({ start }) => start === ann.start)).toEqual([
      ann,
      bob,
      cem,
    ])
    const found = await call('labels.differences', { annotators: ['Ann', 'Bob'], annotator: 'Cem' })
    expect(found.map(({ start, truth: settled }) => [start, settled])).toEqual([
      [spanOf(1).start, null],
      [spanOf(0).start, 'present'],
    ])
    expect(await call('labels.differences', { annotator: 'Cem', limit: 1 })).toMatchObject([spanOf(1)])
    await call('history.undo', {})
    expect(await truth(0)).toBe(0)
  })

  it('is settled by one of the two saying anew what they said before', async () => {
    await importTraces(1)
    const ann = await say('Ann', 0, 'present')
    await say('Bob', 0, 'absent')
    const again = { span: spanOf(0), behaviour: 'verification', verdict: 'present' } as const
    await call('labels.apply', { traceId: 1, annotator: 'Ann', remove: [ann.id], add: [again] })
    expect(await truth(0)).toBe(1)
    expect(await call('labels.differences', { annotator: 'Ann' })).toMatchObject([{ truth: 'present' }])
    await call('history.undo', {})
    expect(await truth(0)).toBe(0)
    expect(await call('labels.list', { traceId: 1 })).toContainEqual(ann)
  })
})

interface Row {
  redistributable: boolean
  text: string
  annotations: { step: number; behaviours: string[] }[]
}

describe.skipIf(!hasSharedData)('agreement on real labels', () => {
  it('is total with oneself, less with somebody who overlooks some, and told of the very steps', async () => {
    const file = readFileSync(join(SHARED_DATA, 'labels/dev.jsonl'), 'utf8')
    const rows = file
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row)
      .filter(({ redistributable }) => redistributable)
    await importFiles(opened.client, [opened.put('rows.jsonl', lines(rows))])
    const by = async (
      annotator: string,
      change: (one: Row['annotations'][number], at: number) => object[],
    ) => {
      const own = rows.map((row) => ({ ...row, annotator, annotations: row.annotations.flatMap(change) }))
      await call('labels.import', { path: opened.put(`${annotator}.jsonl`, lines(own)) })
    }
    await by('Ann', (one) => [one])
    await by('Bob', (one, at) => (at % 5 === 0 ? [] : [one]))
    await by('Cem', (one) => [one])
    const { traces, behaviours, pairs } = await call('labels.agreement', { judged: false })
    expect(traces).toBe(rows.length)
    const [annBob, annCem, bobCem] = pairs
    expect(pairs.map(({ between }) => between.join())).toEqual(['Ann,Bob', 'Ann,Cem', 'Bob,Cem'])
    for (const behaviour of BEHAVIOURS) {
      const [own, same] = [annBob!.behaviours[behaviour], annCem!.behaviours[behaviour]]
      expect(same).toMatchObject({ first: 0, second: 0 })
      if (same.both > 0) expect(same.kappa).toBeCloseTo(1, 12)
      expect(own.second).toBe(0)
      expect(bobCem!.behaviours[behaviour]).toMatchObject({
        ...own,
        first: 0,
        second: own.first,
        interval: own.interval,
      })
    }
    const { alpha, interval, differ } = behaviours.verification
    expect(alpha).toBeGreaterThan(0.7)
    expect(alpha).toBeLessThan(0.99)
    expect(interval![0]).toBeLessThan(alpha!)
    expect(interval![1]).toBeGreaterThan(alpha!)
    const found = await call('labels.differences', { judged: false, behaviour: 'verification', limit: 500 })
    expect(found).toHaveLength(differ)
    for (const one of found)
      expect(one.said).toEqual(among({ Ann: 'present', Bob: 'absent', Cem: 'present' }))
  })
})
