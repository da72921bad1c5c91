import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hasSharedData, SHARED_DATA } from '../unit/shared-data.ts'
import { generatedTraces, jsonl, type Labelled, type Provenance } from './generated-traces.ts'

// Everything here reads the written files by readers of its own: JSON.parse, and counts made from the sources.

const { at, curate, make, written } = generatedTraces()

const SETS: Record<string, string[] | null> = {
  'all-strategies': ['backtracking', 'backward_chaining', 'subgoal_setting', 'verification'],
  'backtracking-only': ['backtracking'],
  'backtracking-verification': ['backtracking', 'verification'],
  'backtracking-subgoals': ['backtracking', 'subgoal_setting'],
  'backtracking-backward-chaining': ['backtracking', 'backward_chaining'],
  'negative-control': [],
}

const countOf = (source: Labelled, behaviour: string) =>
  source.annotations.filter(({ behaviours }) => behaviours.includes(behaviour)).length

describe('the priming conditions', () => {
  it.each(Object.entries(SETS))(
    '%s: behaviours, lengths and correctness counted again',
    async (recipe, behaviours) => {
      const ran = await make(recipe, recipe, '--container', 'jsonl')
      expect(ran.stderr).toContain('40 rows')
      const rows = written(recipe)
      expect(rows).toHaveLength(40)
      for (const { text, trace, source } of rows) {
        expect(source.behaviours.toSorted()).toEqual(behaviours)
        expect(source.correct && trace.correct).toBe(true)
        expect(trace.characters).toBe([...text].length)
        expect(text).toMatch(/^<think>\n[^]*\n<\/think>\n<answer>[^<]*<\/answer>$/)
        for (const [behaviour, count] of Object.entries(trace.behaviours))
          expect(count).toBe(countOf(source, behaviour))
        const words = (all: string) => all.replace(/<\/?think>|\s+/g, '')
        expect(words(text)).toBe(words(source.text))
      }
      const prompts = (split: string) =>
        jsonl(at(recipe, 'data', `${split}.jsonl`)).map((row) => row['query'] as string)
      const train = new Set(prompts('train'))
      expect(prompts('validation').filter((prompt) => train.has(prompt))).toEqual([])
      expect(prompts('validation')).toHaveLength(2)
    },
    60_000,
  )

  it('empty and filler thoughts keep the answers of the all-strategies set', async () => {
    await make('empty-cot', 'empty', '--container', 'jsonl')
    await make('filler-cot', 'filler', '--container', 'jsonl')
    for (const { text, source } of written('empty'))
      expect(text).toBe(`<think> </think>\n${/<answer>[^]*<\/answer>/.exec(source.text)![0]}`)
    for (const { text, source } of written('filler')) {
      const thought = /<think>([^]*)<\/think>/.exec(source.text)![1]!.trim()
      // The estimate, written down a second time: words with the space before them, digits by three, symbols, breaks.
      const tokens = thought.match(
        /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}{1,3}| ?[^\s\p{L}\p{N}]|\s*[\r\n]+|\s+/gu,
      )!.length
      expect(text.match(/\./g)).toHaveLength(
        tokens + (/<answer>[^]*/.exec(text)![0].match(/\./g) ?? []).length,
      )
      expect(text).toContain(/<answer>[^]*<\/answer>/.exec(source.text)![0])
    }
  })

  it('incorrect only is incorrect, with all behaviours', async () => {
    await make('incorrect-only', 'incorrect', '--container', 'jsonl')
    const rows = written('incorrect')
    expect(rows).toHaveLength(40)
    for (const { source } of rows) expect([source.correct, source.behaviours.length]).toEqual([false, 4])
  })

  it('a control matches the lengths of another recipe', async () => {
    const ran = await make(
      'length-matched-control',
      'matched',
      ...['--match', 'backtracking-verification', '--json', '--container', 'jsonl'],
    )
    const result = JSON.parse(ran.stdout) as { rows: number; unmatched: number }
    expect(result.rows + result.unmatched).toBe(40)
    const size = (text: string) =>
      text.match(/'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}{1,3}| ?[^\s\p{L}\p{N}]|\s*[\r\n]+|\s+/gu)!.length
    const targets = written('backtracking-verification').map(({ text }) => size(text))
    for (const { text, source } of written('matched')) {
      expect(source.behaviours).toEqual([])
      const nearest = Math.min(...targets.map((target) => Math.abs(target - size(text)) / target))
      expect(nearest).toBeLessThanOrEqual(0.1)
    }
  })

  it('rich and poor corpora have equal budgets', async () => {
    await make('rich-and-poor', 'corpora', '--container', 'jsonl')
    const size = (group: string) =>
      (
        jsonl(at('corpora', 'provenance.jsonl')) as unknown as (Provenance & {
          group: string
          traces: { size: number }[]
        })[]
      )
        .filter((row) => row.group === group)
        .reduce((sum, { traces }) => sum + traces[0]!.size, 0)
    expect(size('poor')).toBeGreaterThan(1000)
    expect(Math.abs(size('rich') / size('poor') - 1)).toBeLessThan(0.05)
    for (const { source, trace } of written('corpora'))
      expect(source.behaviours.length > 0).toBe(Object.values(trace.behaviours).some((count) => count > 0))
  })
})

describe.skipIf(!hasSharedData)('the shared Countdown runs', () => {
  it('give checked sets that keep to their recipe', async () => {
    const runs = join(SHARED_DATA, 'traces/countdown-runs')
    const ran = await curate(
      'backtracking-verification',
      '--from',
      runs,
      '--out',
      at('real'),
      '--container',
      'jsonl',
      '--json',
    )
    expect(JSON.parse(ran.stdout)).toMatchObject({
      rows: 1000,
      splits: [
        { name: 'train', rows: 950 },
        { name: 'validation', rows: 50 },
      ],
    })
    const rows = jsonl(at('real', 'provenance.jsonl')) as unknown as Provenance[]
    const data = new Map(
      ['train', 'validation'].map((split) => [
        `data/${split}.jsonl`,
        jsonl(at('real', 'data', `${split}.jsonl`)),
      ]),
    )
    const files = new Map<string, Record<string, unknown>[]>()
    for (const {
      file,
      row,
      traces: [trace],
    } of rows) {
      const { source } = trace!
      if (!files.has(source)) files.set(source, jsonl(join(runs, source)))
      const origin = files.get(source)!.find((one) => one['id'] === trace!.key)!
      const completion = data.get(file)![row]!['completion'] as string
      // The file's own word for correctness; the SFT rows are correct throughout.
      expect(origin['correct'] ?? true).toBe(true)
      const squeeze = (text: string) => text.replace(/<\/?think>|\s+/g, '')
      expect(squeeze(String(origin['raw_generation'] ?? origin['response']))).toBe(squeeze(completion))
      expect(trace!.behaviours['verification']! > 0 && trace!.behaviours['backtracking']! > 0).toBe(true)
      expect(trace!.behaviours['subgoal_setting']! + trace!.behaviours['backward_chaining']!).toBe(0)
    }
  })
})
