import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { beforeAll, describe, expect, it } from 'vitest'
import type { CurateResult, FunnelStep } from '#shared/contract/recipes.ts'
import { DEFAULTS, generateCountdown } from '#shared/domain/generate/index.ts'
import { engineFor } from './engine-for.ts'
import { ended, type TestEngine } from './support.ts'

const call: TestEngine['client']['call'] = (method, input) => opened.client.call(method, input)
const TRACES = 400

const opened = engineFor('file')
beforeAll(async () => {
  const sets = [['backtracking'], ['backtracking', 'verification']] as const
  const rows = generateCountdown({
    ...DEFAULTS,
    count: TRACES,
    seed: '1',
    behaviours: sets.map((set) => [...set]),
  })
  writeFileSync(join(opened.folder, 'traces.jsonl'), [...rows].map((row) => JSON.stringify(row)).join('\n'))
  await ended(opened.client, await call('imports.start', { paths: [join(opened.folder, 'traces.jsonl')] }))
})

const recipe = (rest: string) => `recipe: 1\nname: mine\n${rest}`
const preview = (rest: string, ticket = 'one') => call('curate.preview', { text: recipe(rest), ticket })
const make = async (text: string, name: string) => {
  const path = join(opened.folder, 'sets', name)
  const job = await ended(opened.client, await call('curate.start', { text, path }))
  return { ...(job.result as unknown as CurateResult), path }
}

describe('a preview', () => {
  it('comes to what the run then writes', async () => {
    const rest = 'filters:\n- only: [backtracking]\nsample: { size: 30 }\nsplit: { validation: 0.1 }\n'
    const { funnel, splits, rows, source, set } = await preview(rest)
    const written = await make(recipe(rest), 'same')
    expect(written.funnel).toEqual(funnel.map(({ name, kept }) => ({ name, kept })))
    expect(funnel[1]!.dropped).toEqual([
      { why: 'shows verification + backtracking', count: TRACES / 2, traceId: 2 },
    ])
    expect(written.splits.toSorted((a, b) => b.rows - a.rows)).toEqual(
      splits.toSorted((a, b) => b.rows - a.rows),
    )
    expect(rows).toHaveLength(20)
    const first = readFileSync(join(written.path, 'data', `${rows[0]!.split}.jsonl`), 'utf8').split('\n')[0]!
    const { completion } = rows[0]!.row as { completion: string }
    expect((JSON.parse(first) as { completion: string }).completion).toBe(completion)
    expect(rows[0]!.tokens.join('')).toBe(completion)
    expect([source.traces, source.behaviours[0], source.behaviours[1]]).toEqual([TRACES, TRACES / 2, TRACES])
    expect([set.traces, set.behaviours[0], set.behaviours[1]]).toEqual([30, 0, 30])
  })

  it('tells of traces that nobody has looked at', async () => {
    const rest = 'labels: { annotations: ignore }\n'
    expect((await preview(`${rest}filters:\n- only: []\n`)).warnings).toEqual([
      `${TRACES} traces have neither labels nor predictions, and are left out: classify them first.`,
    ])
    expect((await preview(`${rest}filters:\n- correct: true\n`)).warnings).toEqual([
      `${TRACES} rows have neither labels nor predictions: classify first.`,
    ])
  })

  it('tells of a split that whole prompts do not come near, as the run does', async () => {
    const rest = (size: number) => `sample: { size: ${size} }\nsplit: { validation: 0.1 }\n`
    const empty = [
      'validation is empty: 0.2 of 2 rows were wanted, and whole prompts come nowhere near. Add traces of other prompts, or ask for another share.',
    ]
    const { splits, warnings } = await preview(rest(2))
    expect(splits).toEqual([{ name: 'train', rows: 2 }])
    expect(warnings).toEqual(empty)
    const { warnings: told, path } = await make(recipe(rest(2)), 'too-few')
    expect(told).toEqual(empty)
    expect((await preview(rest(20))).warnings).toEqual([])
    const near = await make(recipe(rest(20)), 'enough')
    // Only what the second rule has divided says so: other manifests stay the bytes they were.
    const rule = (set: string) =>
      (JSON.parse(readFileSync(join(set, 'manifest.json'), 'utf8')) as { versions: { split?: number } })
        .versions.split
    expect([rule(path), rule(near.path)]).toEqual([2, undefined])
  })

  it('tells how far it is, and ends when it is stopped or asked anew', async () => {
    const told: FunnelStep[][] = []
    const stop = opened.client.on(
      'curate.funnel',
      ({ ticket, funnel }) => ticket === 'live' && told.push(funnel),
    )
    const first = preview('filters:\n- correct: true\n', 'live')
    const second = preview('filters:\n- correct: false\n', 'live')
    await expect(first).rejects.toMatchObject({ code: 'cancelled' })
    expect((await second).funnel.at(-1)!.kept).toBe(0)
    const third = preview('', 'other')
    await call('curate.stop', { ticket: 'other' })
    await expect(third).rejects.toMatchObject({ code: 'cancelled' })
    stop()
    expect(told.length).toBeGreaterThan(0)
    expect(told.at(-1)!.map(({ name }) => name)).toEqual(['in the source', 'incorrect'])
  })
})

describe('a run', () => {
  it('that is cancelled leaves nothing behind', async () => {
    const path = join(opened.folder, 'sets', 'cancelled')
    const job = await call('curate.start', { text: recipe(''), path })
    await call('jobs.cancel', { id: job.id })
    expect((await call('jobs.wait', { id: job.id })).state).toBe('cancelled')
    expect(existsSync(path)).toBe(false)
    expect(readdirSync(opened.folder).filter((name) => name.includes('.part'))).toEqual([])
  })

  it('takes labels of people before what the file says', async () => {
    const rest = 'filters:\n- only: [backtracking]\n'
    const before = (await preview(rest)).funnel.at(-1)!.kept
    const [row] = await call('traces.list', { limit: 1 })
    const detail = await call('traces.get', { id: row!.id })
    await call('labels.add', {
      traceId: row!.id,
      span: { start: 0, end: Math.min(40, detail.response.length) },
      behaviour: 'subgoal_setting',
      annotator: 'Ada',
    })
    const after = await preview(rest)
    expect(after.funnel.at(-1)!.kept).toBe(before - 1)
    expect(
      (
        await preview(
          'filters:\n- labelled_by: [people, file]\n- behaviours: { subgoal_setting: { min: 1 } }\n',
        )
      ).funnel.at(-1)!.kept,
    ).toBe(1)
  })

  it('names the groups of its card as text, also where they are numbers', async () => {
    const { path } = await make(recipe('sample: { by: [length], separate: true }\n'), 'by-length')
    const card = readFileSync(join(path, 'README.md'), 'utf8')
    const front = parse(card.split('---')[1]!) as {
      configs: { config_name: unknown; data_files: { path: string }[] }[]
      dataset_info: { config_name: unknown; features: { name: string }[] }[]
    }
    expect(front.dataset_info.map(({ config_name: name }) => name)).toEqual(
      front.configs.map(({ config_name: name }) => name),
    )
    const data = readFileSync(join(path, front.configs[0]!.data_files[0]!.path), 'utf8')
    for (const { features } of front.dataset_info)
      expect(features.map(({ name }) => name)).toEqual(
        Object.keys(JSON.parse(data.split('\n')[0]!) as object),
      )
    expect(front.configs.length).toBeGreaterThan(1)
    for (const { config_name: name, data_files: files } of front.configs) {
      expect(name).toMatch(/^\d+$/)
      for (const file of files) expect(existsSync(join(path, file.path))).toBe(true)
    }
  })

  it('is listed with its recipe, and as gone when it is', async () => {
    const { path } = await make(recipe('seed: 7\n'), 'listed')
    const [set] = await call('curate.sets', {})
    expect(set).toMatchObject({ path, recipe: 'mine', rows: TRACES, there: true })
    expect(set!.text).toContain('seed: 7')
    rmSync(path, { recursive: true })
    expect((await call('curate.sets', {}))[0]!.there).toBe(false)
  })

  it('with a recipe that cannot be read fails before it begins', async () => {
    const input = { text: recipe('filters:\n- corect: 1\n'), path: join(opened.folder, 'never') }
    await expect(call('curate.start', input)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('4:3') as string,
    })
  })
})

describe('saved recipes', () => {
  it('are kept by name, and can be what lengths are matched to', async () => {
    await call('recipes.save', {
      text: 'recipe: 1\nname: short\ntitle: Short\nfilters:\n- length: { max: 500 }\n',
    })
    await call('recipes.save', {
      text: 'recipe: 1\nname: short\ntitle: Shorter\nfilters:\n- length: { max: 400 }\n',
    })
    const saved = (await call('recipes.list', {})).filter(({ builtIn }) => !builtIn)
    expect(saved.map(({ name, title }) => [name, title])).toEqual([['short', 'Shorter']])
    const matched = await preview(
      'filters:\n- only: [backtracking, verification]\nsample: { match: { recipe: short }, budget_in: characters }\n',
    )
    const [lengths] = [matched.set.lengths]
    // 512 characters and more: bin 9 and above hold nothing.
    expect(lengths.slice(9).reduce((sum, count) => sum + count, 0)).toBe(0)
    expect(matched.set.traces + matched.unmatched!).toBe(
      (await preview('filters:\n- length: { max: 400 }\n')).set.traces,
    )
    expect(await call('recipes.remove', { name: 'short' })).toEqual({ removed: true })
    await expect(preview('sample: { match: { recipe: short } }\n')).rejects.toMatchObject({
      code: 'bad_request',
    })
  })

  it('never take the name of a built-in one', async () => {
    const [builtIn] = await call('recipes.list', {})
    await expect(call('recipes.save', { text: builtIn!.text })).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('a tokenizer.json', () => {
  /** Byte-level BPE with three merges: small, and of the kind that models bring. */
  const tokenizer = () => {
    // The alphabet of bytes as GPT-2 writes it: printable ones as they are, the others from U+0100 on.
    const printable = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173)
    const others = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !printable(byte))
    const alphabet = Array.from({ length: 256 }, (_, byte) =>
      String.fromCharCode(printable(byte) ? byte : 256 + others.indexOf(byte)),
    )
    const letters = [...alphabet, 'Ġt', 'he', 'Ġthe']
    const vocab = Object.fromEntries(letters.map((letter, id) => [letter, id]))
    return {
      version: '1.0',
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      post_processor: null,
      decoder: { type: 'ByteLevel' },
      model: {
        type: 'BPE',
        vocab,
        merges: ['Ġ t', 'h e', 'Ġt he'],
        unk_token: null,
        fuse_unk: false,
        byte_fallback: false,
      },
    }
  }

  it('is what lengths and filler are counted with', async () => {
    const base = join(opened.folder, 'workspace')
    mkdirSync(base, { recursive: true })
    writeFileSync(join(base, 'tokenizer.json'), JSON.stringify(tokenizer()))
    const { rows, unit } = await preview(
      'tokenizer: tokenizer.json\ntransforms:\n- replace_thought: { with: filler }\nfilters:\n- length: { of: thought, in: tokens, min: 100 }\n',
    )
    expect(unit).toBe('tokenizer.json')
    for (const { traceId, text } of rows.slice(0, 5)) {
      const { response } = await call('traces.get', { id: traceId })
      const thought = /<think>([^]*)<\/think>/.exec(response)![1]!.trim()
      // Every byte is a token, but " the" is one and " t" is one, and so is "he".
      const tokens = Buffer.byteLength(
        thought.replaceAll(' the', '1').replaceAll(' t', '1').replaceAll('he', '1'),
      )
      const filler = /<think>\n([^]*)\n<\/think>/.exec(text)![1]!
      // A space and a dot are two tokens, so that an even number is missed by one.
      expect(tokens - filler.length).toBeLessThanOrEqual(1)
      expect(tokens).toBeGreaterThanOrEqual(filler.length)
    }
  })

  it('that is none is told of', async () => {
    writeFileSync(join(opened.folder, 'workspace', 'broken.json'), '{"model": 1}')
    await expect(preview('tokenizer: broken.json\n')).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('broken.json') as string,
    })
    await expect(preview('tokenizer: absent.json\n')).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('absent.json') as string,
    })
  })
})
