import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RewriteResult } from '#shared/contract/rewrite.ts'
import { readRewritten, withParts } from '#shared/domain/llm-judge/rewriting.ts'
import { says, serve, status, torn, type Answer } from './answering-server.ts'
import { ended, importFiles, jsonLines, openEngine, temporaryFolder, type TestEngine } from './support.ts'

interface Line {
  id: string
  prompt: string
  response: string
  original: { prompt: string; response: string }
  answer_kept: boolean | null
}

const ROWS = Array.from({ length: 8 }, (_, at) => ({
  id: `p${at}`,
  prompt: `What is ${at} plus ${at}, as a number?`,
  response: `<think>\nI add ${at} and ${at}.\n</think>\n\nSo \\boxed{${2 * at}}`,
  answer: String(2 * at),
  correct: true,
}))

let folder: string
let opened: TestEngine
let closing: (() => Promise<void>)[] = []
beforeEach(async () => {
  closing = []
  folder = temporaryFolder()
  opened = openEngine(join(folder, 'workspace'))
  const file = join(folder, 'run.jsonl')
  writeFileSync(file, ROWS.map((row) => JSON.stringify(row)).join('\n'))
  await importFiles(opened.client, [file])
})
afterEach(async () => {
  for (const close of closing) await close()
  await opened.close()
  rmSync(folder, { recursive: true, force: true })
})

const serving = async (...answers: Answer[]) => {
  const server = await serve(...answers)
  closing.push(server.close)
  return server
}
const out = () => join(folder, 'rewritten.jsonl')
const lines = () => jsonLines<Line>(readFileSync(out(), 'utf8'))
const start = (url: string, input: object = {}) =>
  opened.client.call('rewrite.start', { url, model: 'local', path: out(), concurrency: 2, ...input })
const rewritten = async (url: string, input: object = {}) =>
  (await ended(opened.client, await start(url, input))).result as unknown as RewriteResult

/** Says what it was given again, in capitals. */
const shouting: Answer = (request, response) => {
  const { messages } = JSON.parse(request.body) as { messages: [{ content: string }] }
  const content = messages[0].content
  const tag = /<(solution|thoughts|problem)>\n([\s\S]*?)\n<\/\1>\n\nRewrite/.exec(content)!
  says(`Here: <rewritten>${tag[2]!.replace(/add|what|so/gi, (word) => word.toUpperCase())}</rewritten>`)(
    request,
    response,
  )
}

describe('a rewriting', () => {
  it('puts new parts in place of the old ones and tells whether the answer stayed', async () => {
    const { url, asked } = await serving(shouting)
    const result = await rewritten(url, { parts: ['answer', 'question', 'thought'] })
    expect(result).toMatchObject({ traces: 8, written: 8, failed: 0, changed: 0, tokensAsked: 2400 })
    expect(asked).toHaveLength(24)
    const line = lines().find(({ id }) => id === 'p3')!
    expect(line).toMatchObject({
      prompt: 'WHAT is 3 plus 3, as a number?',
      response: '<think>\nI ADD 3 and 3.\n</think>\n\nSO \\boxed{6}',
      original: { prompt: ROWS[3]!.prompt, response: ROWS[3]!.response },
      answer_kept: true,
    })
    const again = await rewritten(url, { parts: ['question', 'thought', 'answer'] })
    expect(again).toMatchObject({ written: 0, known: 8 })
    expect(asked).toHaveLength(24)
  })

  it('marks a row whose final answer is another one', async () => {
    const { url } = await serving(says('<rewritten>So \\boxed{7}</rewritten>'))
    expect(await rewritten(url, { parts: ['answer'] })).toMatchObject({ written: 8, changed: 8 })
    expect(lines().every(({ answer_kept }) => answer_kept === false)).toBe(true)
  })

  it('leaves out what fails, says why, and asks about it again; a torn last line is no row', async () => {
    let turn = 0
    const moody = await serving((request, response) => {
      turn++
      if (turn % 4 === 1) status(400, 'too long')(request, response)
      else if (turn % 4 === 2) says('I would rather not.')(request, response)
      else if (turn % 4 === 3) torn(request, response)
      else shouting(request, response)
    })
    const first = await rewritten(moody.url)
    expect(first.written + first.failed).toBe(8)
    expect(first.failures.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining([expect.stringContaining('400: too long')]),
    )
    expect(lines()).toHaveLength(first.written)

    appendFileSync(out(), '{"id": "p9", "promp')
    const { url } = await serving(shouting)
    const second = await rewritten(url)
    expect(second).toMatchObject({ known: first.written, written: first.failed, failed: 0 })
    expect(
      lines()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(ROWS.map(({ id }) => id))
  })

  it('ends when the server turns everybody away, not when it does so with single traces', async () => {
    const file = join(folder, 'more.jsonl')
    writeFileSync(file, ROWS.map((row) => JSON.stringify({ ...row, id: `more ${row.id}` })).join('\n'))
    await importFiles(opened.client, [file])
    const refusing = await serving(shouting, status(422, 'too long'))
    const once = { concurrency: 1, parts: ['question'] }
    expect(await rewritten(refusing.url, once)).toMatchObject({ traces: 16, written: 1, failed: 15 })
    const still = await serving(status(422, 'too long'))
    expect(await rewritten(still.url, once)).toMatchObject({ known: 1, failed: 15 })
    const closed = await serving(status(401, 'wrong key'))
    const first = await ended(
      opened.client,
      await start(closed.url, { path: join(folder, '401.jsonl') }),
      'failed',
    )
    expect(first.error).toMatchObject({
      code: 'endpoint_unreachable',
      message: expect.stringContaining('wrong key') as string,
    })
    expect(closed.asked.length).toBeLessThan(16)
    // Of so many traces it may mean each; not of the shortest there is.
    const many = Array.from({ length: 110 }, (_, at) => ({
      ...ROWS[0],
      id: `again ${at}`,
      response: at < 109 ? `So ${at}.` : 'Two.',
    }))
    writeFileSync(file, many.map((row) => JSON.stringify(row)).join('\n'))
    await importFiles(opened.client, [file])
    const deaf = await serving(status(422, 'no such parameter'))
    const path = join(folder, '422.jsonl')
    const second = await ended(opened.client, await start(deaf.url, { ...once, path }), 'failed')
    expect(second.error).toMatchObject({
      code: 'endpoint_refused',
      message: expect.stringMatching(/no such parameter.*then start again\.$/) as string,
    })
    expect(deaf.asked).toHaveLength(101)
    // What comes first, of a selection by file in the order of ids, may all be too long.
    const filter = { sources: [1, 2, 3] }
    const short = await serving((request, response) =>
      (request.body.includes('Two.') ? shouting : status(400, 'too long'))(request, response),
    )
    const third = { ...{ filter, concurrency: 1, parts: ['thought'] }, path: join(folder, '400.jsonl') }
    expect(await rewritten(short.url, third)).toMatchObject({ traces: 126, written: 1, failed: 125 })
  })

  it('goes on with a file that no string and no buffer could hold', async () => {
    const { url } = await serving(shouting)
    await rewritten(url, { sample: 3 })
    const before = readFileSync(out(), 'utf8')
    // A file system that went down may leave zeros where a row was to be.
    truncateSync(out(), 2 ** 31 + 7)
    expect(await rewritten(url, { sample: 3 })).toMatchObject({ known: 3, written: 0 })
    expect(readFileSync(out(), 'utf8')).toBe(before)
  })

  it('cuts nothing off a file that holds another rewriting', async () => {
    const { url } = await serving(shouting)
    await rewritten(url)
    appendFileSync(out(), '{"id": "p9", "promp')
    const before = readFileSync(out(), 'utf8')
    const { error } = await ended(opened.client, await start(url, { model: 'another' }), 'failed')
    expect(error!.message).toContain('Nothing was changed')
    expect(readFileSync(out(), 'utf8')).toBe(before)
  })

  it('keeps its rows when it is stopped, and goes on', async () => {
    let answered = 0
    const slow: Answer = (request, response) => {
      if (++answered <= 3) shouting(request, response)
    }
    const { url } = await serving(slow)
    const job = await start(url)
    await expect.poll(() => answered).toBeGreaterThan(3)
    await opened.client.call('jobs.cancel', { id: job.id })
    expect(lines()).toHaveLength(3)
    const other = await serving(shouting)
    expect(await rewritten(other.url)).toMatchObject({ known: 3, written: 5 })
  })

  it('never mixes two rewritings in a file, nor touches what is none', async () => {
    const { url } = await serving(shouting)
    await rewritten(url)
    const before = readFileSync(out(), 'utf8')
    for (const other of [{ model: 'another' }, { parts: ['question'] }, { instruction: 'Briefly.' }]) {
      const { error } = await ended(opened.client, await start(url, other), 'failed')
      expect(error).toMatchObject({ code: 'conflict' })
    }
    writeFileSync(out(), 'not JSON\n')
    const { error } = await ended(opened.client, await start(url), 'failed')
    expect(error).toMatchObject({ code: 'input_unreadable' })
    expect(readFileSync(out(), 'utf8')).toBe('not JSON\n')
    expect(before.trim().split('\n')).toHaveLength(8)
  })
})

it('the new text is what stands between the tags, after the thoughts of a model that thinks aloud', () => {
  expect(readRewritten('<think>I write <rewritten>x</rewritten>.</think><rewritten> a\nb </rewritten>')).toBe(
    'a\nb',
  )
  expect([
    readRewritten('a'),
    readRewritten('<rewritten>cut'),
    readRewritten('<rewritten> </rewritten>'),
  ]).toEqual([null, null, null])
  expect(withParts('<think>\na\n</think>\nb', { thought: '$1', answer: 'B' })).toBe(
    '<think>\n$1\n</think>\nB',
  )
})
