import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, it } from 'vitest'
import { DATABASE_FILE } from '#engine/db/connection.ts'
import type { FilterInput } from '#shared/contract/filter.ts'
import { engineFor } from './engine-for.ts'
import { ended, exportRows, importFiles, withEngine, type TestEngine } from './support.ts'

const COUNTDOWN = 'Using the numbers [51, 25, 52], create an equation that equals 78. Reply in <answer> tags.'
/** What each row is, and what the file and Cairn say of it. */
const ROWS = [
  {
    id: 'agree',
    prompt: 'What is half of one?',
    response: 'So \\boxed{\\frac{1}{2}}',
    answer: '0.5',
    correct: true,
  },
  {
    id: 'differ',
    prompt: 'What is half of one?',
    response: 'So \\boxed{0.5}',
    answer: '1/2',
    correct: false,
  },
  { id: 'mute', prompt: 'What is half of one?', response: 'I cannot say.', answer: '1/2', correct: false },
  { id: 'rewarded', prompt: 'What is a third of one?', response: '\\boxed{3}', answer: '1/3', reward: 1 },
  { id: 'scored', prompt: 'What is a third of one?', response: '\\boxed{3}', answer: '1/3', reward: 0.7 },
  { id: 'open', prompt: 'Who was it then?', response: 'Anna.' },
  { id: 'game', prompt: COUNTDOWN, response: '<answer>52 + 51 - 25</answer>', correct: true },
  {
    id: 'lab',
    prompt: 'Lab: what is the mass?',
    response: 'RESULT: 1.5 kg',
    measured: { value: '1500 g' },
    correct: false,
  },
]

const opened = engineFor('file')
beforeAll(async () => {
  const file = opened.put('run.jsonl', ROWS.map((row) => JSON.stringify(row)).join('\n'))
  await importFiles(opened.client, [file])
})

const call: TestEngine['client']['call'] = (...args) => opened.client.call(...args)
const check = async (input = {}) =>
  (await ended(opened.client, await call('verdicts.start', input))).result as Record<string, number>
const keys = async (filter: FilterInput) => (await call('traces.list', { filter })).map(({ key }) => key)

describe('verdicts on answers', () => {
  it('are there for Countdown from the import on, and for nothing else', async () => {
    expect(await keys({ verdict: 'correct' })).toEqual(['game'])
    expect(await keys({ verdict: 'unchecked' })).toHaveLength(ROWS.length - 1)
  })

  it('are made once, stored with answer and reason, and select traces beside what the file says', async () => {
    expect(await check()).toEqual({ traces: 8, correct: 3, incorrect: 2, no_answer: 1, unknown: 2 })
    expect(await check()).toMatchObject({ traces: 0 })
    expect(await check({ force: true })).toMatchObject({ traces: 8 })
    expect(await keys({ verdict: 'correct' })).toEqual(['agree', 'differ', 'game'])
    expect(await keys({ verdict: 'incorrect' })).toEqual(['rewarded', 'scored'])
    expect(await keys({ verdict: 'no_answer' })).toEqual(['mute'])
    expect(await keys({ verdict: 'unknown' })).toEqual(['open', 'lab'])
    expect(await keys({ verdict: 'unchecked' })).toEqual([])
    expect(await keys({ disagrees: true })).toEqual(['differ', 'rewarded'])
    expect(await keys({ disagrees: false })).toEqual(['agree', 'mute', 'game'])

    const listed = await call('traces.list', { sort: { by: 'correct', descending: false } })
    expect(listed.map(({ key }) => key)).toEqual([
      ...['differ', 'mute', 'rewarded', 'scored', 'lab'],
      ...['agree', 'game', 'open'],
    ])

    const [row] = await call('traces.list', { filter: { disagrees: true } })
    const { verdict } = await call('traces.get', { id: row!.id })
    expect(row).toMatchObject({ correct: false, verified: true, outcome: 'correct' })
    expect(verdict).toEqual({
      outcome: 'correct',
      checker: 'math',
      extracted: '0.5',
      method: 'boxed',
      reference: '1/2',
      reason: 'equal in value',
    })
    const rows = await exportRows<{ correct: boolean; verdict: object }>(
      opened.client,
      join(opened.folder, 'out.jsonl'),
      { filter: { disagrees: true } },
    )
    expect(rows[0]).toMatchObject({ correct: false, verdict })
  })

  it('follow the rules of the workspace, which recipes use too', async () => {
    const rules = [
      { name: 'lab', prompt: '^Lab:', answer: '^RESULT: (.+)$', reference: 'measured.value' } as const,
    ]
    await expect(call('verdicts.setChecking', { rules: [{ name: 'x', answer: '(' }] })).rejects.toThrow(
      /regular expression/,
    )
    await expect(call('verdicts.setChecking', { checker: 'nobody' })).rejects.toThrow(/no checker "nobody"/)
    await call('verdicts.setChecking', { rules: [...rules] })
    expect(await keys({ verdict: 'unknown' })).toEqual(['open', 'lab'])
    expect(await check()).toMatchObject({ traces: 8, unknown: 1 })
    const [lab] = await call('traces.list', { filter: { disagrees: true, verdict: 'correct' } })
    expect(await keys({ disagrees: true, verdict: 'correct' })).toEqual(['differ', 'lab'])
    expect(lab!.outcome).toBe('correct')
    const recipe = 'recipe: 1\nname: lab\nfilters: [{ verdict: disagrees }]\n'
    const preview = await call('curate.preview', { text: recipe, ticket: 'one' })
    expect(preview.splits[0]!.rows).toBe(3)

    await call('verdicts.setChecking', { checker: 'text' })
    expect(await check()).toMatchObject({ traces: 8, correct: 0 })
    await call('verdicts.setChecking', {})
  })
})

it('what a check has stored that then fails is seen at once', async () => {
  await withEngine(async ({ client, workspace }) => {
    const rows = Array.from({ length: 150 }, (_, at) => ({ id: `t${at}`, prompt: 'Who?', response: `${at}` }))
    const file = join(workspace, 'many.jsonl')
    writeFileSync(file, rows.map((row) => JSON.stringify(row)).join('\n'))
    await importFiles(client, [file])
    const unchecked = () => client.call('traces.count', { filter: { verdict: 'unchecked' } })
    expect(await unchecked()).toBe(150)
    // Of two pages the second cannot be stored.
    const db = new Database(join(workspace, DATABASE_FILE))
    db.exec(`CREATE TRIGGER refuse BEFORE INSERT ON verdicts WHEN NEW.trace_id > 120
      BEGIN SELECT RAISE(ABORT, 'refused'); END`)
    db.close()
    await ended(client, await client.call('verdicts.start', {}), 'failed')
    expect(await unchecked()).toBe(50)
  })
})

it('a set rebuilt elsewhere finds the way of checking in its manifest', async () => {
  await withEngine(async ({ client }) => {
    const file = join(opened.folder, 'run.jsonl')
    await importFiles(client, [file])
    const rules = [
      { name: 'lab', prompt: '^Lab:', answer: '^RESULT: (.+)$', reference: 'measured.value' },
    ] as const
    await client.call('verdicts.setChecking', { rules: [...rules] })
    const path = join(opened.folder, 'set')
    const text = 'recipe: 1\nname: lab\nfilters: [{ verdict: correct }]\n'
    const { result } = await ended(client, await client.call('curate.start', { text, path }))
    expect(result).toMatchObject({ rows: 4 })
    const manifest = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')) as {
      recipe: { checking: unknown }
    }
    expect(manifest.recipe.checking).toEqual({
      checker: null,
      rules: [{ ...rules[0], compare: 'value' }],
    })
  })
})
