import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasSharedData, SHARED_DATA } from '../unit/shared-data.ts'
import { cairn } from './run.ts'

// Everything here reads the written files by readers of its own: JSON.parse, DuckDB, and counts made from the sources.

interface Labelled {
  id: string
  prompt: string
  text: string
  correct: boolean
  behaviours: string[]
  annotations: { behaviours: string[] }[]
}

const SETS: Record<string, string[] | null> = {
  'all-strategies': ['backtracking', 'backward_chaining', 'subgoal_setting', 'verification'],
  'backtracking-only': ['backtracking'],
  'backtracking-verification': ['backtracking', 'verification'],
  'backtracking-subgoals': ['backtracking', 'subgoal_setting'],
  'backtracking-backward-chaining': ['backtracking', 'backward_chaining'],
  'negative-control': [],
}

let folder: string
let sources: Map<string, Labelled>
const at = (...parts: string[]) => join(folder, ...parts)
const lines = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-curate-'))
  const sets = [
    'all',
    'backtracking',
    'backtracking,verification',
    'backtracking,subgoal_setting',
    'backtracking,backward_chaining',
    'none',
  ]
  const make = (name: string, ...more: string[]) =>
    cairn(['generate', 'countdown', '--out', at(name), ...more])
  expect((await make('right.jsonl', '--count', '240', '--behaviours', ...sets)).code).toBe(0)
  expect((await make('wrong.jsonl', '--count', '40', '--seed', '2', '--incorrect')).code).toBe(0)
  sources = new Map(
    ['right.jsonl', 'wrong.jsonl'].flatMap((name) =>
      lines(at(name)).map(
        (row) => [`${name}:${(row as unknown as Labelled).id}`, row as unknown as Labelled] as const,
      ),
    ),
  )
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const from = () => ['--from', at('right.jsonl'), at('wrong.jsonl')]
const curate = (...args: string[]) => cairn(['curate', ...args])

interface Provenance {
  file: string
  row: number
  traces: {
    source: string
    key: string
    correct: boolean
    behaviours: Record<string, number>
    characters: number
  }[]
}

/** Rows of a set with the source of each, the text as its format has it. */
function written(name: string, text: (row: Record<string, unknown>) => string) {
  const files = new Map<string, Record<string, unknown>[]>()
  return (lines(at(name, 'provenance.jsonl')) as unknown as Provenance[]).map(({ file, row, traces }) => {
    if (!files.has(file)) files.set(file, lines(at(name, file)))
    const [first] = traces
    return {
      text: text(files.get(file)![row]!),
      trace: first!,
      source: sources.get(`${first!.source}:${first!.key}`)!,
    }
  })
}

const countOf = (source: Labelled, behaviour: string) =>
  source.annotations.filter(({ behaviours }) => behaviours.includes(behaviour)).length

describe('the priming conditions', () => {
  it.each(Object.entries(SETS))(
    '%s: behaviours, lengths and correctness counted again',
    async (recipe, behaviours) => {
      const ran = await curate(recipe, ...from(), '--out', at(recipe), '--container', 'jsonl')
      expect(ran.stderr).toContain('40 rows')
      const rows = written(recipe, (row) => String(row['completion']))
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
        lines(at(recipe, 'data', `${split}.jsonl`)).map((row) => row['query'] as string)
      const train = new Set(prompts('train'))
      expect(prompts('validation').filter((prompt) => train.has(prompt))).toEqual([])
      expect(prompts('validation')).toHaveLength(2)
    },
    60_000,
  )

  it('empty and filler thoughts keep the answers of the all-strategies set', async () => {
    await curate('empty-cot', ...from(), '--out', at('empty'), '--container', 'jsonl')
    await curate('filler-cot', ...from(), '--out', at('filler'), '--container', 'jsonl')
    for (const { text, source } of written('empty', (row) => String(row['completion'])))
      expect(text).toBe(`<think> </think>\n${/<answer>[^]*<\/answer>/.exec(source.text)![0]}`)
    for (const { text, source } of written('filler', (row) => String(row['completion']))) {
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
  }, 60_000)

  it('incorrect only is incorrect, with all behaviours', async () => {
    await curate('incorrect-only', ...from(), '--out', at('incorrect'), '--container', 'jsonl')
    const rows = written('incorrect', (row) => String(row['completion']))
    expect(rows).toHaveLength(40)
    for (const { source } of rows) expect([source.correct, source.behaviours.length]).toEqual([false, 4])
  }, 60_000)

  it('a control matches the lengths of another recipe', async () => {
    const ran = await curate(
      'length-matched-control',
      '--match',
      'backtracking-verification',
      ...from(),
      '--out',
      at('matched'),
      '--json',
      '--container',
      'jsonl',
    )
    const result = JSON.parse(ran.stdout) as { rows: number; unmatched: number }
    expect(result.rows + result.unmatched).toBe(40)
    const size = (text: string) =>
      text.match(/'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}{1,3}| ?[^\s\p{L}\p{N}]|\s*[\r\n]+|\s+/gu)!.length
    const targets = written('backtracking-verification', (row) => String(row['completion'])).map(({ text }) =>
      size(text),
    )
    for (const { text, source } of written('matched', (row) => String(row['completion']))) {
      expect(source.behaviours).toEqual([])
      const nearest = Math.min(...targets.map((target) => Math.abs(target - size(text)) / target))
      expect(nearest).toBeLessThanOrEqual(0.1)
    }
  }, 60_000)

  it('rich and poor corpora have equal budgets', async () => {
    await curate('rich-and-poor', ...from(), '--out', at('corpora'), '--container', 'jsonl')
    const size = (group: string) =>
      (
        lines(at('corpora', 'provenance.jsonl')) as unknown as (Provenance & {
          group: string
          traces: { size: number }[]
        })[]
      )
        .filter((row) => row.group === group)
        .reduce((sum, { traces }) => sum + traces[0]!.size, 0)
    expect(size('poor')).toBeGreaterThan(1000)
    expect(Math.abs(size('rich') / size('poor') - 1)).toBeLessThan(0.05)
    for (const { source, trace } of written('corpora', (row) => String(row['completion'])))
      expect(source.behaviours.length > 0).toBe(Object.values(trace.behaviours).some((count) => count > 0))
  }, 60_000)
})

describe('Parquet, read by DuckDB', () => {
  const query = async (sql: string) => {
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    const result = await connection.runAndReadAll(sql)
    connection.closeSync()
    return result.getRowObjectsJson()
  }

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
      await curate('backtracking-verification', ...from(), '--format', format, '--out', out)
      const rows = await query(`${select} read_parquet('${out}/data/train.parquet')`)
      const plain = lines(at('backtracking-verification', 'data', 'train.jsonl'))
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
      await curate('backtracking-only', ...from(), '--format', format, '--container', 'jsonl', '--out', out)
      for (const row of lines(join(out, 'data', 'train.jsonl'))) {
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
    await curate(
      'backtracking-only',
      ...from(),
      '--format',
      'llama_factory',
      '--container',
      'jsonl',
      '--out',
      out,
    )
    const info = JSON.parse(readFileSync(join(out, 'dataset_info.json'), 'utf8')) as Record<
      string,
      { file_name: string; columns: Record<string, string> }
    >
    expect(Object.keys(info)).toEqual(['backtracking_only', 'backtracking_only_validation'])
    for (const { file_name: file, columns } of Object.values(info)) {
      const [row] = lines(join(out, file))
      for (const column of Object.values(columns)) expect(row).toHaveProperty(column)
    }
  }, 60_000)

  it('preferences and steps', async () => {
    await curate('preference-branches', ...from(), '--out', at('branches'))
    for (const row of lines(at('branches', 'data', 'train.jsonl')) as unknown as {
      prompt: string
      chosen: string
      rejected: string
      origin: { source: string; key: string }
    }[]) {
      const { text, correct } = sources.get(`${row.origin.source}:${row.origin.key}`)!
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
      await curate('step-labels', ...from(), '--format', format, '--out', at(format))
      for (const row of lines(at(format, 'data', 'train.jsonl'))) {
        const { completions, labels } = read(row as never) as { completions: string[]; labels: boolean[] }
        expect(completions.length).toBe(labels.length)
        expect(labels.every((label) => typeof label === 'boolean')).toBe(true)
      }
    }
  }, 120_000)
})

describe('a set', () => {
  it('is the same bytes when made again, and says what changed when not', async () => {
    const [first, again, moved] = [at('first'), at('again'), at('moved')]
    await curate('backtracking-only', ...from(), '--out', first)
    const same = await curate('--from', join(first, 'manifest.json'), '--inputs', folder, '--out', again)
    expect(same.stderr).toContain('same every file has the bytes')
    for (const file of readdirSync(first, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    )) {
      const path = join(file.parentPath, file.name)
      expect(readFileSync(path.replace(first, again)).equals(readFileSync(path)), path).toBe(true)
    }
    const manifest = JSON.parse(readFileSync(join(first, 'manifest.json'), 'utf8')) as {
      versions: { cairn: string }
      source: { inputs: { sha256: string }[] }
    }
    manifest.versions.cairn = '0.0.1'
    writeFileSync(at('old.json'), JSON.stringify(manifest, null, 2))
    const older = await curate('--from', at('old.json'), '--inputs', folder, '--out', moved)
    expect(older.code).toBe(1)
    expect(older.stderr).toMatch(/versions\.cairn: "0\.0\.1" is now/)
    manifest.source.inputs[0]!.sha256 = '0'.repeat(64)
    writeFileSync(at('other.json'), JSON.stringify(manifest))
    const other = await curate('--from', at('other.json'), '--inputs', folder, '--out', at('never'))
    expect(other.stderr).toMatch(/right\.jsonl is another file now/)
    expect(existsSync(at('never'))).toBe(false)
  }, 120_000)

  it('never replaces what is not its own, and nothing appears when nothing is left', async () => {
    cpSync(at('right.jsonl'), at('mine', 'notes.jsonl'), { recursive: true })
    const refused = await curate('backtracking-only', ...from(), '--out', at('mine'), '--force')
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("not Cairn's")])
    writeFileSync(
      at('none.yaml'),
      'recipe: 1\nname: none\nfilters:\n- correct: true\n- field: run\n  is: nobody\n',
    )
    const none = await curate(at('none.yaml'), ...from(), '--out', at('nothing'))
    expect(none.code).toBe(1)
    expect(none.stderr).toContain('280 in the source → 240 correct → 0 run is "nobody"')
    expect(existsSync(at('nothing'))).toBe(false)
    expect(readdirSync(folder).filter((name) => name.startsWith('.cairn'))).toEqual([])
  }, 60_000)

  it('with a bad recipe says where', async () => {
    writeFileSync(at('bad.yaml'), 'recipe: 1\nname: bad\nfilters:\n- corect: true\n')
    const bad = await curate(at('bad.yaml'), ...from(), '--out', at('bad'))
    expect([bad.code, bad.stderr]).toEqual([
      2,
      expect.stringMatching(/bad\.yaml:4:3 filters\[0\]: "corect" is not known here/),
    ])
  })
})

describe('cairn check', () => {
  it('finds what was put there', async () => {
    const good = (prompt: string, number: number) =>
      JSON.stringify({
        prompt,
        completion: `<think>\nWe know that ${'word '.repeat(number % 7)}${number} is it.\n</think>\n<answer>${number}</answer>`,
      })
    const loop = JSON.stringify({
      prompt: 'p7',
      completion: 'Again I try.\n'.repeat(6) + '<answer>1</answer>',
    })
    const long = 'the quick brown fox jumps over the lazy dog and then runs far away'
    cpSync(at('right.jsonl'), at('unsafe', 'ignored.txt'), { recursive: true })
    writeFileSync(
      at('unsafe', 'train.jsonl'),
      [
        good('p1', 1),
        good('p2', 2),
        good('p1', 1),
        loop,
        JSON.stringify({ prompt: long, completion: '<think>Hm' }),
        good('Using the numbers [1, 2], create an equation that equals 3.', 5),
        '{"odd": 1}',
        '',
      ].join('\n'),
    )
    writeFileSync(
      at('unsafe', 'validation.jsonl'),
      [
        good('P1 ', 9),
        good('Using the numbers [2, 1], create an equation that equals 3.', 6),
        JSON.stringify({ prompt: 'p9', completion: '' }),
      ].join('\n'),
    )
    writeFileSync(at('bench.jsonl'), `${JSON.stringify({ question: `So ${long} today.` })}\n`)
    const ran = await cairn(['check', at('unsafe'), '--benchmark', at('bench.jsonl'), '--json', '--strict'])
    expect(ran.code).toBe(3)
    const report = JSON.parse(ran.stdout) as {
      findings: { kind: string; file: string; row: number }[]
      files: { rows: number; unreadable: number }[]
    }
    expect(report.files.map(({ rows, unreadable }) => [rows, unreadable])).toEqual([
      [6, 1],
      [3, 0],
    ])
    const found = report.findings.map(({ kind, file, row }) => `${kind} ${file}:${row}`)
    expect(found).toEqual([
      'exact_duplicate train.jsonl:2',
      'leak_prompt validation.jsonl:0',
      'leak_problem validation.jsonl:1',
      'benchmark_overlap train.jsonl:4',
      'loop train.jsonl:3',
      'truncated train.jsonl:4',
      'empty validation.jsonl:2',
    ])
  })

  it('finds nothing in a set that was made well, and a file that was changed afterwards', async () => {
    await curate('backtracking-verification', ...from(), '--out', at('checked'))
    const clean = JSON.parse((await cairn(['check', at('checked'), '--json'])).stdout) as {
      findings: unknown[]
      changed: string[]
      labels: Record<string, number>
    }
    expect([clean.findings, clean.changed, clean.labels['file']]).toEqual([[], [], 40])
    rmSync(at('checked', 'data', 'validation.parquet'))
    const broken = JSON.parse((await cairn(['check', at('checked'), '--json'])).stdout) as {
      changed: string[]
    }
    expect(broken.changed).toEqual(['data/validation.parquet is missing'])
  }, 60_000)
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
    const rows = lines(at('real', 'provenance.jsonl')) as unknown as Provenance[]
    const data = new Map(
      ['train', 'validation'].map((split) => [
        `data/${split}.jsonl`,
        lines(at('real', 'data', `${split}.jsonl`)),
      ]),
    )
    const files = new Map<string, Record<string, unknown>[]>()
    for (const {
      file,
      row,
      traces: [trace],
    } of rows) {
      const { source } = trace!
      if (!files.has(source)) files.set(source, lines(join(runs, source)))
      const origin = files.get(source)!.find((one) => one['id'] === trace!.key)!
      const completion = data.get(file)![row]!['completion'] as string
      // The file's own word for correctness; the SFT rows are correct throughout.
      expect(origin['correct'] ?? true).toBe(true)
      const squeeze = (text: string) => text.replace(/<\/?think>|\s+/g, '')
      expect(squeeze(String(origin['raw_generation'] ?? origin['response']))).toBe(squeeze(completion))
      expect(trace!.behaviours['verification']! > 0 && trace!.behaviours['backtracking']! > 0).toBe(true)
      expect(trace!.behaviours['subgoal_setting']! + trace!.behaviours['backward_chaining']!).toBe(0)
    }
  }, 120_000)
})
