import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import type { FilterInput } from '#shared/contract/filter.ts'
import type { Json } from '#shared/domain/trace.ts'
import { engineFor } from './engine-for.ts'
import { exportRows, importFiles, sampleLines, SAMPLE_RUNS } from './support.ts'

interface Exported {
  id: number
  run: string
  checkpoint: number | null
  response: string
  reward: number | null
  correct: boolean | null
  truncated: boolean | null
  metadata: { [key: string]: Json }
  counts: { steps: Record<Behaviour, number>; episodes: Record<Behaviour, number> } | null
  annotations: unknown[]
}

let traces: Exported[]
/** What the file says of a trace, else the Countdown verdict. */
let verdicts: Map<number, boolean | null>

const opened = engineFor('file')
beforeAll(async () => {
  const { client } = opened
  // Five runs of 60 real traces, with the kinds of values that metadata may hold.
  const extras: Json[] = [
    1,
    '1',
    1.5,
    true,
    false,
    null,
    'easy',
    '',
    [1, 'two', { three: 3 }],
    { easy: true },
    -7,
    'é"\\\'%_',
  ]
  for (const [number, run] of SAMPLE_RUNS.entries()) {
    const file = join(opened.folder, `${run}.jsonl`)
    const lines = sampleLines(run)
      .slice(0, 60)
      .map((line, index) => {
        const row = JSON.parse(line) as Record<string, Json>
        if (index % 5 === 0) delete row['correct']
        if (index % 3 > 0) row['mixed'] = extras[(index * 7 + number) % extras.length]!
        row['bucket'] = { complexity: ['easy', 'hard', 3][index % 3]!, scores: [index, [index % 2, null]] }
        row['odd key-é'] = index % 4
        if (index % 6 !== 0) row['reward'] = (index % 11) / 4 - 1
        if (index % 2 === 0) row['step'] = 100 * (index % 3)
        return JSON.stringify(row)
      })
    writeFileSync(file, lines.join('\n'))
    await importFiles(client, [file], {
      mapping: {
        shape: 'fields',
        fields: {
          key: 'id',
          prompt: 'prompt',
          response: 'raw_generation',
          correct: 'correct',
          truncated: 'truncated',
          reward: 'reward',
          checkpoint: 'step',
        },
      },
    })
  }
  // A run without predictions is left out of classification.
  const job = await client.call('classify.start', {
    model: 'cairn-fast',
    device: 'cpu',
    filter: { runs: SAMPLE_RUNS.filter((run) => run !== 'rft') },
  })
  await client.call('jobs.wait', { id: job.id })
  for (const traceId of [1, 2, 70, 299])
    await client.call('labels.add', {
      traceId,
      span: { start: 0, end: 3 },
      behaviour: 'backtracking',
      annotator: 'a',
    })
  traces = await exportRows<Exported>(client, join(opened.folder, 'all.jsonl'))
  const rows = await client.call('traces.list', { limit: 300 })
  verdicts = new Map(rows.map(({ id, correct, verified }) => [id, correct ?? verified]))
  expect(traces).toHaveLength(300)
})

/** The value at a metadata path; undefined where there is none. */
function at(metadata: Json, path: string): Json | undefined {
  let value: Json | undefined = metadata
  for (const part of path.match(/[^.[\]]+|\[\d+\]/g) ?? []) {
    if (typeof value !== 'object' || value === null) return undefined
    if (part.startsWith('['))
      value = Array.isArray(value) ? (value as Json[])[Number(part.slice(1, -1))] : undefined
    else
      value =
        Array.isArray(value) || !Object.hasOwn(value, part)
          ? undefined
          : (value as Record<string, Json>)[part]
  }
  return value
}

type Condition = NonNullable<FilterInput['metadata']>[number]

/** Values compare with their own kind only; a trace without the field matches no condition but none. */
function meets(trace: Exported, { path, op, value }: Condition): boolean {
  const found = at(trace.metadata, path)
  if (found === undefined) return false
  if (op === 'exists') return true
  if (op === 'contains') {
    const text = typeof found === 'object' && found !== null ? JSON.stringify(found) : found
    return typeof text === 'string' && text.includes(String(value))
  }
  if (op === '=') return found === value
  if (op === '!=') return found !== value
  if (typeof found !== typeof value || (typeof found !== 'number' && typeof found !== 'string')) return false
  const [a, b] =
    typeof found === 'string'
      ? [Buffer.compare(Buffer.from(found), Buffer.from(value as string)), 0]
      : [found, value as number]
  return op === '<' ? a < b : op === '<=' ? a <= b : op === '>' ? a > b : a >= b
}

const within = (
  value: number | null | undefined,
  range: { min?: number; max?: number } | undefined,
): boolean =>
  range === undefined ||
  (range.min === undefined && range.max === undefined) ||
  (value != null && value >= (range.min ?? -Infinity) && value <= (range.max ?? Infinity))

function passes(trace: Exported, filter: FilterInput): boolean {
  return (
    (filter.ids?.includes(trace.id) ?? true) &&
    (filter.runs?.includes(trace.run) ?? true) &&
    within(trace.checkpoint, filter.checkpoint as { min?: number }) &&
    within(trace.reward, filter.reward as { min?: number }) &&
    within([...trace.response].length, filter.length as { min?: number }) &&
    (filter.correct === undefined || verdicts.get(trace.id) === filter.correct) &&
    (filter.truncated === undefined || trace.truncated === filter.truncated) &&
    (filter.classified === undefined || (trace.counts !== null) === filter.classified) &&
    (filter.labelled === undefined || trace.annotations.length > 0 === filter.labelled) &&
    (filter.behaviours ?? []).every(({ behaviour, unit = 'steps', min, max }) =>
      within(trace.counts?.[unit][behaviour], {
        ...(min !== undefined && { min }),
        ...(max !== undefined && { max }),
      }),
    ) &&
    (filter.metadata ?? []).every((condition) => meets(trace, condition))
  )
}

const range = (min: number, max: number) =>
  fc.record({ min: fc.integer({ min, max }), max: fc.integer({ min, max }) }, { requiredKeys: [] })
const condition: fc.Arbitrary<Condition> = fc
  .record({
    path: fc.constantFrom(
      ...[
        'mixed',
        'bucket.complexity',
        'bucket.scores[0]',
        'bucket.scores[1][0]',
        'bucket.scores[1][1]',
        'odd key-é',
      ],
      ...[
        'nowhere',
        'bucket.nowhere',
        'mixed[2].three',
        'mixed.easy',
        'generated_tokens',
        'format_ok',
        'extracted_expr',
        'bucket',
      ],
    ),
    op: fc.constantFrom('=', '!=', '<', '<=', '>', '>=', 'contains', 'exists'),
    value: fc.constantFrom(0, 1, 1.5, 3, 30, '1', 'easy', 'e', '', 'é"\\\'%_', '3', true, false, null),
  })
  // Nothing is less than true or null: asking so is refused, see below.
  .filter(({ op, value }) => !/^[<>]/.test(op) || typeof value === 'number' || typeof value === 'string')
const parts = {
  ids: fc.uniqueArray(fc.integer({ min: 1, max: 320 }), { minLength: 50 }),
  runs: fc.subarray([...SAMPLE_RUNS, 'none']),
  checkpoint: range(0, 200),
  reward: range(-1, 2),
  length: range(0, 3000),
  correct: fc.constantFrom(true, false, null),
  truncated: fc.boolean(),
  classified: fc.boolean(),
  labelled: fc.boolean(),
  behaviours: fc.array(
    fc.record(
      {
        behaviour: fc.constantFrom(...BEHAVIOURS),
        unit: fc.constantFrom('steps' as const, 'episodes' as const),
        min: fc.nat(20),
        max: fc.nat(40),
      },
      { requiredKeys: ['behaviour'] },
    ),
    { maxLength: 2 },
  ),
  metadata: fc.array(condition, { minLength: 1, maxLength: 2 }),
}
/** One to three conditions at a time, so that something is left to select. */
const filter: fc.Arbitrary<FilterInput> = fc
  .subarray(Object.keys(parts) as (keyof typeof parts)[], { minLength: 1, maxLength: 3 })
  .chain((keys) => fc.record(Object.fromEntries(keys.map((key) => [key, parts[key] as fc.Arbitrary<never>]))))

describe('filters', () => {
  it('select what a plain filter over the exported traces selects', async () => {
    let selected = 0
    await fc.assert(
      fc.asyncProperty(filter, async (given) => {
        const expected = traces.filter((trace) => passes(trace, given)).map(({ id }) => id)
        const rows = await opened.client.call('traces.list', { filter: given, limit: 1000 })
        expect(rows.map(({ id }) => id)).toEqual(expected)
        expect(await opened.client.call('traces.count', { filter: given })).toBe(expected.length)
        if (expected.length > 0) selected++
      }),
      { numRuns: 300 },
    )
    expect(selected).toBeGreaterThan(100)
  })

  it('on metadata alone select by value and kind', async () => {
    await fc.assert(
      fc.asyncProperty(condition, async (given) => {
        const expected = traces.filter((trace) => meets(trace, given)).map(({ id }) => id)
        const rows = await opened.client.call('traces.list', { filter: { metadata: [given] }, limit: 1000 })
        expect(rows.map(({ id }) => id)).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  it('refuse a path or a condition that means nothing', async () => {
    for (const path of ['a..b', '.', 'a[', 'a"b', '[x]', 'a]'])
      await expect(
        opened.client.call('traces.count', { filter: { metadata: [{ path, op: 'exists' }] } }),
      ).rejects.toMatchObject({ code: 'bad_request' })
    await expect(
      opened.client.call('traces.count', { filter: { metadata: [{ path: 'a', op: '=' }] } }),
    ).rejects.toMatchObject({ code: 'bad_request' })
    await expect(
      opened.client.call('traces.count', { filter: { metadata: [{ path: 'a', op: '<', value: true }] } }),
    ).rejects.toMatchObject({ code: 'bad_request' })
  })

  it('take any text as a value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), async (path, value) => {
        const call = opened.client.call('traces.count', {
          filter: { runs: [value], metadata: [{ path: path || 'x', op: '=', value }] },
        })
        const outcome = await call.then(
          (count) => count,
          (error: { code: string }) => error.code,
        )
        expect([0, 'bad_request']).toContain(outcome)
      }),
      { numRuns: 200 },
    )
  })
})

describe('statistics', () => {
  it('of any selection agree with the selected traces', async () => {
    await fc.assert(
      fc.asyncProperty(
        filter,
        fc.constantFrom('steps' as const, 'episodes' as const),
        async (given, unit) => {
          const chosen = traces.filter((trace) => passes(trace, given))
          const groups = Map.groupBy(chosen, ({ run, checkpoint }) => `${run}\n${checkpoint}`)
          const stats = await opened.client.call('stats.runs', { filter: given, unit })
          expect(new Set(stats.map(({ run, checkpoint }) => `${run}\n${checkpoint}`))).toEqual(
            new Set(groups.keys()),
          )
          for (const row of stats) {
            const group = groups.get(`${row.run}\n${row.checkpoint}`)!
            expect(row.traces).toBe(group.length)
            const known = group.map(({ id }) => verdicts.get(id)).filter((verdict) => verdict !== null)
            if (known.length === 0) expect(row.accuracy).toBeNull()
            else expect(row.accuracy).toBeCloseTo(known.filter((verdict) => verdict).length / known.length, 9)
            for (const behaviour of BEHAVIOURS) {
              const counts = group.flatMap(({ counts }) => (counts === null ? [] : [counts[unit][behaviour]]))
              const { mean, share } = row.behaviours[behaviour]
              if (counts.length === 0) expect({ mean, share }).toEqual({ mean: null, share: null })
              else {
                expect(mean).toBeCloseTo(counts.reduce((sum, count) => sum + count, 0) / counts.length, 9)
                expect(share).toBeCloseTo(counts.filter((count) => count > 0).length / counts.length, 9)
              }
            }
          }
        },
      ),
      { numRuns: 80 },
    )
  })
})
