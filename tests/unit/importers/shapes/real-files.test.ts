import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Json } from '#shared/domain/trace.ts'
import type { TraceDraft } from '#shared/domain/trace.ts'
import { nameFromPath } from '#engine/importers/naming.ts'
import { hasSharedData, SHARED_DATA } from '../../shared-data.ts'
import { lost, readRecords, recordsOf, type ReadFile } from './read.ts'

type Row = Record<string, Json>

interface Case {
  file: string
  /** The array the container streams out of a JSON document. */
  array?: string
  shape: string
  /** Traces, counted from the raw file without the shape. */
  count: (rows: readonly Row[]) => number
  /** Response of a record's i-th trace, straight from the raw field. */
  response: (row: Row, index: number) => Json | undefined
  run: string
  checkpoint?: number
}

const each = (rows: readonly Row[]): number => rows.length
const countdown = (name: string, run: string, checkpoint?: number): Case => ({
  file: `traces/countdown-runs/${name}/eval_samples.jsonl`,
  shape: 'countdown_eval',
  count: each,
  response: (row) => row['raw_generation'],
  run,
  ...(checkpoint === undefined ? {} : { checkpoint }),
})
const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : [])
const sum = (rows: readonly Row[], count: (row: Row) => number): number =>
  rows.reduce((total, row) => total + count(row), 0)

const CASES: Case[] = [
  ...['base_8b', 'dpo', 'grpo', 'rft', 'sft_lora'].map((name) => countdown(name, name)),
  countdown('grpo-checkpoints/step_250', 'grpo-checkpoints', 250),
  countdown('grpo-checkpoints/step_500', 'grpo-checkpoints', 500),
  {
    file: 'traces/countdown-runs/sft_train_2k.jsonl',
    shape: 'countdown_sft',
    count: each,
    response: (row) => row['response'],
    run: 'sft_train_2k',
  },
  ...[
    ['math500_deepseek_r1', 'DeepSeek-R1'],
    ['pilot_math500_qwen7b', 'R1-Distill-Qwen-7B'],
  ].map(([name, run]): Case => ({
    file: `traces/math500/${name}.jsonl`,
    shape: 'math500',
    count: each,
    response: (row) => row['full_response'],
    run: run!,
  })),
  ...['claude-sonnet-4', 'llama-3.3-70b'].map((name): Case => ({
    file: `traces/reasoning-gym/${name}_easy_countdown.json`,
    array: 'results',
    shape: 'reasoning_gym',
    count: (rows) => sum(rows, (row) => list(row['completions']).length),
    response: (row, index) => (list(row['completions'])[index] as Row)['full_model_response'],
    run: `${name}_easy_countdown`,
  })),
  ...['instruct', 'rlft'].map((name): Case => ({
    file: `traces/reasoning-gym/qwen2.5-3b-${name}_gsm8k.jsonl`,
    shape: 'math_harness',
    count: (rows) => sum(rows, (row) => list(row['code']).length),
    response: (row, index) => list(row['code'])[index],
    run: `qwen2.5-3b-${name}_gsm8k`,
  })),
  {
    file: 'traces/tree-of-thought/game24_bfs.json',
    shape: 'tree_of_thought',
    count: (rows) => sum(rows, (row) => list(row['ys']).length),
    response: (row, index) => list(row['ys'])[index],
    run: 'game24_bfs',
  },
  {
    file: 'formats/sft/alpaca.json',
    shape: 'alpaca',
    count: each,
    response: (row) => row['output'],
    run: 'alpaca',
  },
  {
    file: 'formats/verl/75.jsonl',
    shape: 'verl_rollout',
    count: each,
    response: (row) => row['output'],
    run: 'verl',
    checkpoint: 75,
  },
  {
    file: 'formats/lm-eval/samples_math_perturbed_full_2026-01-21T03-44-18.458309.jsonl',
    shape: 'lm_eval',
    count: (rows) => sum(rows, (row) => list(row['resps']).flat().length),
    response: (row, index) => list(row['resps']).flat()[index],
    run: 'samples_math_perturbed_full',
  },
  ...[
    ['2025-05-12T20-28-13-04-00_popularity', 'openai/gpt-4o-mini'],
    ['2025-05-12T20-28-26-04-00_security-guide', 'openai/gpt-4o-mini'],
    ['log_formats', 'ollama/llama3.1'],
  ].map(([name, run]): Case => ({
    file: `formats/inspect/${name}.json`,
    array: 'samples',
    shape: 'inspect',
    count: each,
    response: (row) => ((list((row['output'] as Row)['choices'])[0] as Row)['message'] as Row)['content'],
    run: run!,
  })),
  ...['train', 'dev'].map((name): Case => ({
    file: `labels/${name}.jsonl`,
    shape: 'labelled_rows',
    count: each,
    response: (row) => row['text'],
    run: '',
  })),
  ...['a', 'b'].map((name): Case => ({
    file: `labels/weak/gpt4o_six_labels_${name}.jsonl`,
    shape: 'fields',
    count: each,
    response: (row) => row['text'],
    run: '',
  })),
  {
    file: 'step-labels/multistep_arithmetic.jsonl',
    shape: 'fields',
    count: each,
    response: (row) => (row['steps'] as string[]).join('\n'),
    run: 'multistep_arithmetic',
  },
]

function open({ file, array }: Pick<Case, 'file' | 'array'>): { rows: Row[]; read: ReadFile } {
  const path = join(SHARED_DATA, file)
  const records = recordsOf(path, array)
  const rows = records.filter((record) => !Object.hasOwn(record as Row, '$document')) as Row[]
  return { rows, read: readRecords(records, file, file.endsWith('.jsonl') ? 'jsonl' : 'json') }
}

function byRecord({ traces }: ReadFile): Map<Json, TraceDraft[]> {
  const groups = new Map<Json, TraceDraft[]>()
  for (const { trace, record } of traces) groups.set(record, [...(groups.get(record) ?? []), trace])
  return groups
}

describe.skipIf(!hasSharedData)('real files', () => {
  it.each(CASES)('$file', (example) => {
    const { rows, read } = open(example)
    expect(read.detection.shape?.id).toBe(example.shape)
    expect(read.rejects).toEqual([])
    expect(read.traces).toHaveLength(example.count(rows))
    for (const [record, traces] of byRecord(read)) {
      traces.forEach((trace, index) => {
        if (trace.response !== example.response(record as Row, index)) {
          expect(trace.response).toBe(example.response(record as Row, index))
        }
      })
      const missing = lost(record, traces)
      if (missing.length > 0) expect(missing).toEqual([])
    }
    const first = read.traces[0]!.trace
    const named = nameFromPath(example.file)
    if (example.run !== '') expect(first.run ?? named.run).toBe(example.run)
    else expect(first.run).toBe((rows[0] as Row)['model'])
    expect(first.checkpoint ?? named.checkpoint).toBe(example.checkpoint ?? null)
  })

  it('stream-of-search variants: headers, run, and the chat put back together is the completion', () => {
    for (const [folder, count] of [
      ['o3-1k', 128],
      ['optimal-1k', 128],
      ['search-1k', 64],
      ['search-react-5k', 64],
    ] as const) {
      const [name] = readdirSync(join(SHARED_DATA, 'traces/stream-of-search', folder))
      const { rows, read } = open({ file: `traces/stream-of-search/${folder}/${name}` })
      expect(rows.filter((row) => Object.hasOwn(row, 'completion'))).toHaveLength(count)
      expect(read.traces).toHaveLength(count)
      expect(read.headers).toBe(2)
      expect(read.rejects).toEqual([])
      for (const { trace, record } of read.traces) {
        const row = record as Row
        expect(trace.run).toBe(((rows[0] as Row)['hyperparams'] as Row)['adapter'])
        expect(trace.correct).toBe((row['parsed_results'] as Row)['solved'])
        expect(rendered(trace)).toBe(row['completion'])
        expect(trace.prompt).toBe(row['prompt'])
        expect(trace.metadata).toMatchObject({
          nums: row['nums'],
          target: row['target'],
          parsed_results: row['parsed_results'],
        })
      }
    }
  })

  it.each([undefined, 'predictions'])('stream-of-search predictions (array %s)', (array) => {
    const file = 'traces/stream-of-search/eval_results.json'
    const { predictions, test_prompts } = JSON.parse(readFileSync(join(SHARED_DATA, file), 'utf8')) as {
      predictions: string[]
      test_prompts: { content: string }[][]
    }
    const records = recordsOf(join(SHARED_DATA, file), array)
    const read = readRecords(records, file, 'json')
    expect(read.detection.shape?.id).toBe('search_predictions')
    expect(read.traces).toHaveLength(predictions.length)
    let withoutHeader = 0
    read.traces.forEach(({ trace }, index) => {
      expect(trace.prompt).toBe(test_prompts[index]![0]!.content)
      expect(rendered(trace)).toBe(predictions[index])
      if (Object.hasOwn(trace.metadata, 'rendered_header')) withoutHeader++
    })
    expect(withoutHeader).toBe(predictions.filter((text) => !text.includes('\nassistant\n')).length)
  })

  it('Inspect log without an answer: the sample is set aside with the reason', () => {
    const { read } = open({ file: 'formats/inspect/log_tool_call_error.json', array: 'samples' })
    expect(read.traces).toEqual([])
    expect(read.rejects).toEqual([expect.stringMatching(/^no_response/)])
  })

  it('thought anchors: every problem folder, chunks where they are', () => {
    const root = join(SHARED_DATA, 'traces/thought-anchors/deepseek-r1-distill-qwen-14b')
    let folders = 0
    for (const verdict of ['correct_base_solution', 'incorrect_base_solution']) {
      for (const problem of readdirSync(join(root, verdict))) {
        folders++
        const part = (name: string): Json =>
          JSON.parse(readFileSync(join(root, verdict, problem, `${name}.json`), 'utf8')) as Json
        const record = {
          folder: `thought-anchors/deepseek-r1-distill-qwen-14b/${verdict}/${problem}`,
          base_solution: part('base_solution'),
          problem: part('problem'),
          chunks_labeled: part('chunks_labeled'),
        }
        const read = readRecords([record], record.folder, 'thought_anchors')
        const trace = read.traces[0]!.trace
        expect(trace.run).toBe('deepseek-r1-distill-qwen-14b')
        expect(trace.key).toBe(`${verdict}/${problem}`)
        expect(trace.response).toBe((record.base_solution as Row)['solution'])
        expect(trace.correct).toBe(verdict === 'correct_base_solution')
        expect(trace.reference).toBe((record.problem as Row)['gt_answer'])
        const { full_cot, ...base } = record.base_solution as Row
        expect(full_cot).toBe(trace.prompt + trace.response)
        expect(lost({ ...record, base_solution: base, folder: '' }, [trace])).toEqual([])
        const chunks = trace.metadata['chunks'] as {
          chunk: string
          start: number | null
          end: number | null
        }[]
        expect(chunks).toHaveLength((record.chunks_labeled as Json[]).length)
        const placed = chunks.filter(({ start }) => start !== null)
        expect(placed.length / chunks.length).toBeGreaterThan(0.85)
        placed.forEach(({ chunk, start, end }) => expect(trace.response.slice(start!, end!)).toBe(chunk))
      }
    }
    expect(folders).toBe(20)
  })

  it('Mr-Ben: a trace a solution', () => {
    const file = 'step-labels/mr-ben_math.json'
    const rows = Object.values(
      JSON.parse(readFileSync(join(SHARED_DATA, file), 'utf8')) as Record<string, Row[]>,
    ).flat()
    const { read } = open({ file })
    expect(read.detection.shape?.id).toBe('mr_ben')
    expect(read.traces).toHaveLength(rows.length)
    rows.forEach((row, index) => {
      const { trace } = read.traces[index]!
      expect(trace.response).toBe((row['Model_Solution_Steps'] as string[]).join('\n'))
      expect(trace.correct).toBe(row['Model_Solution_Correctness'] === 'correct')
    })
  })
})

/** The text a rendered chat was cut from. */
function rendered({ messages, response, metadata }: TraceDraft): string {
  const [system, user] = messages ?? []
  const header = (metadata['rendered_header'] ?? '\nassistant\n') as string
  return `system\n${system?.content}\nuser\n${user?.content}${header}${response}`
}
