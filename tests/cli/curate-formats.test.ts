import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { beforeAll, describe, expect, it } from 'vitest'
import { generatedTraces, jsonl } from './generated-traces.ts'

// Everything here reads the written files by readers of its own: JSON.parse, DuckDB, and counts made from the sources.

const { at, make, sourceOf } = generatedTraces()

describe('Parquet, read by DuckDB', () => {
  const query = async (sql: string) => {
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    const result = await connection.runAndReadAll(sql)
    connection.closeSync()
    return result.getRowObjectsJson()
  }

  beforeAll(async () => {
    await make('backtracking-verification', 'plain', '--container', 'jsonl')
  })

  it.each([
    ['verl_query', `SELECT query AS p, completion AS c, behaviours.backtracking AS b FROM`],
    [
      'verl_prompt',
      `SELECT prompt[1].content AS p, extra_info.answer AS c, extra_info.behaviours.backtracking AS b, reward_model.ground_truth.target AS t FROM`,
    ],
    [
      'trl_messages',
      `SELECT messages[1].content AS p, messages[2].content AS c, behaviours.backtracking AS b FROM`,
    ],
    [
      'sharegpt',
      `SELECT conversations[1].value AS p, conversations[2].value AS c, behaviours.backtracking AS b FROM`,
    ],
    ['alpaca', `SELECT instruction AS p, output AS c, behaviours.backtracking AS b FROM`],
  ])(
    '%s has the rows of JSONL',
    async (format, select) => {
      const out = at(`parquet-${format}`)
      await make('backtracking-verification', `parquet-${format}`, '--format', format)
      const rows = await query(`${select} read_parquet('${out}/data/train.parquet')`)
      const plain = jsonl(at('plain', 'data', 'train.jsonl'))
      expect(rows).toHaveLength(38)
      expect(rows.map(({ p, c }) => [p, c])).toEqual(plain.map((row) => [row['query'], row['completion']]))
      expect(rows.map(({ b }) => b)).toEqual(
        plain.map((row) => (row['behaviours'] as Record<string, number>)['backtracking']),
      )
      if (format === 'verl_prompt') for (const { p, t } of rows) expect(p).toContain(`equals ${t as number}`)
    },
    60_000,
  )
})

describe('JSONL, against the formats as published', () => {
  const MESSAGES = (value: unknown) =>
    Array.isArray(value) &&
    value.every(
      (one: Record<string, unknown>) =>
        ['system', 'user', 'assistant'].includes(one['role'] as string) &&
        typeof one['content'] === 'string' &&
        Object.keys(one).length === 2,
    )
  const TEXT = (value: unknown) => typeof value === 'string'
  const shapes: Record<string, Record<string, (value: unknown) => boolean>> = {
    trl_messages: { messages: MESSAGES },
    trl_prompt_completion: { prompt: MESSAGES, completion: MESSAGES },
    openai: { messages: MESSAGES },
    sharegpt: {
      conversations: (value) =>
        (value as { from: string; value: string }[]).every(
          (turn, index) => turn.from === ['human', 'gpt'][index % 2] && TEXT(turn.value),
        ),
    },
    alpaca: { instruction: TEXT, input: TEXT, output: TEXT },
    plain: { prompt: TEXT, completion: TEXT },
  }
  it.each(Object.entries(shapes))(
    '%s',
    async (format, fields) => {
      const out = at(`jsonl-${format}`)
      await make('backtracking-only', `jsonl-${format}`, '--format', format, '--container', 'jsonl')
      for (const row of jsonl(join(out, 'data', 'train.jsonl'))) {
        for (const [name, holds] of Object.entries(fields)) expect(holds(row[name]), name).toBe(true)
        // OpenAI refuses files with fields it does not know.
        if (format === 'openai') expect(Object.keys(row)).toEqual(['messages'])
        if (format === 'trl_prompt_completion')
          expect((row['completion'] as { role: string }[]).map(({ role }) => role)).toEqual(['assistant'])
      }
    },
    60_000,
  )

  it('LLaMA-Factory finds its files by dataset_info.json', async () => {
    const out = at('factory')
    await make('backtracking-only', 'factory', '--format', 'llama_factory', '--container', 'jsonl')
    const info = JSON.parse(readFileSync(join(out, 'dataset_info.json'), 'utf8')) as Record<
      string,
      { file_name: string; columns: Record<string, string> }
    >
    expect(Object.keys(info)).toEqual(['backtracking_only', 'backtracking_only_validation'])
    for (const { file_name: file, columns } of Object.values(info)) {
      const [row] = jsonl(join(out, file))
      for (const column of Object.values(columns)) expect(row).toHaveProperty(column)
    }
  })

  it('preferences and steps', async () => {
    await make('preference-branches', 'branches')
    for (const row of jsonl(at('branches', 'data', 'train.jsonl')) as unknown as {
      prompt: string
      chosen: string
      rejected: string
      origin: { source: string; key: string }
    }[]) {
      const { text, correct } = sourceOf(row.origin)
      expect(correct).toBe(true)
      // What is shared ends the prompt, and both ways are in the text behind it, the failed one first.
      const shared = text.indexOf(row.rejected)
      expect(shared).toBeGreaterThan(0)
      expect(row.prompt.endsWith(text.slice(0, shared))).toBe(true)
      expect(text.indexOf(row.chosen, shared + row.rejected.length)).toBeGreaterThan(0)
    }
    for (const [format, read] of [
      ['trl_stepwise', (row: Record<string, unknown>) => row],
      [
        'prm800k',
        (row: { label: { steps: { completions: { text: string; rating: number }[] }[] } }) => ({
          completions: row.label.steps.map((step) => step.completions[0]!.text),
          labels: row.label.steps.map((step) => step.completions[0]!.rating === 1),
        }),
      ],
    ] as const) {
      await make('step-labels', format, '--format', format)
      for (const row of jsonl(at(format, 'data', 'train.jsonl'))) {
        const { completions, labels } = read(row as never) as { completions: string[]; labels: boolean[] }
        expect(completions.length).toBe(labels.length)
        expect(labels.every((label) => typeof label === 'boolean')).toBe(true)
      }
    }
  })
})
