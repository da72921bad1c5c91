import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ask } from '#engine/llm-judge/endpoint.ts'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import { readCount } from '#shared/domain/llm-judge/questions.ts'
import { never, says, senseless, serve, status, torn, type Answer } from './answering-server.ts'
import { classifyAll, ended, importFiles, openEngine, sampleLines, temporaryFolder } from './support.ts'

let closing: (() => Promise<void>)[] = []
beforeEach(() => void (closing = []))
afterEach(async () => {
  for (const close of closing) await close()
})

async function asking(
  answers: Answer[],
  options: { timeoutMs?: number; signal?: AbortSignal; key?: string } = {},
) {
  const server = await serve(...answers)
  closing.push(server.close)
  // A wait is cut short only where no answer comes: a busy machine may take a while for those that do.
  const patience = answers.includes(never) ? 1_500 : 20_000
  const { key, signal = new AbortController().signal, timeoutMs = patience } = options
  const reply = ask({ url: server.url, model: 'm', key }, 'How many?', {
    signal,
    timeoutMs,
    waits: [1, 1, 1],
  })
  return { ...server, reply }
}

describe('a question', () => {
  it('is put as the servers want it, with the key where there is one', async () => {
    const { reply, asked } = await asking([says('Two. <count>2</count>')], { key: 'secret' })
    expect(await reply).toEqual({ text: 'Two. <count>2</count>', tokens: { asked: 100, answered: 7 } })
    expect(JSON.parse(asked[0]!.body)).toMatchObject({
      model: 'm',
      messages: [{ role: 'user', content: 'How many?' }],
    })
    expect(asked[0]!.headers.authorization).toBe('Bearer secret')
  })

  it('is put again after what may pass: errors of the server, no answer, torn and senseless answers', async () => {
    for (const bad of [status(500), status(429), status(503, 'busy'), never, torn, senseless]) {
      const { reply, asked } = await asking([bad, bad, says('<count>1</count>')])
      expect((await reply).text).toBe('<count>1</count>')
      expect(asked).toHaveLength(3)
    }
  })

  it('fails with the reason when every try did', async () => {
    const reasons = [
      [status(500, 'out of memory'), /500: out of memory \(4 tries\)/],
      [never, /did not answer within/],
      [torn, /broke off/],
      [senseless, /no chat completion/],
    ] as const
    for (const [bad, message] of reasons) {
      const { reply, asked } = await asking([bad])
      await expect(reply).rejects.toMatchObject({
        code: 'endpoint_unreachable',
        message: expect.stringMatching(message) as string,
      })
      expect(asked).toHaveLength(4)
    }
  })

  it('is put once when the server says no, and follows it nowhere else', async () => {
    const { reply, asked } = await asking([status(404, 'no such model')])
    await expect(reply).rejects.toMatchObject({
      code: 'endpoint_refused',
      message: 'The server answered 404: no such model',
    })
    expect(asked).toHaveLength(1)
    const elsewhere = await serve(says('<count>9</count>'))
    closing.push(elsewhere.close)
    const moved = await asking([
      (_, response) => response.writeHead(307, { location: `${elsewhere.url}/chat/completions` }).end(),
    ])
    await expect(moved.reply).rejects.toMatchObject({ code: 'endpoint_unreachable' })
    expect(elsewhere.asked).toHaveLength(0)
  })

  it('takes no more of an answer than an answer can be', async () => {
    const { reply } = await asking([
      (_, response) => {
        const more = () => {
          while (!response.destroyed && response.write('x'.repeat(65_536)));
          response.once('drain', more)
        }
        more()
      },
    ])
    await expect(reply).rejects.toMatchObject({ code: 'endpoint_refused' })
  })

  it('can be called off at any time', async () => {
    const abort = new AbortController()
    const { reply } = await asking([never], { signal: abort.signal, timeoutMs: 60_000 })
    setTimeout(() => abort.abort(), 30)
    await expect(reply).rejects.toMatchObject({ code: 'cancelled' })
  })
})

it('the number is the one in the last count', () => {
  expect(readCount('First <count>1</count>, then <COUNT> 12 </COUNT>')).toBe(12)
  expect([readCount('3'), readCount('<count>many</count>'), readCount('')]).toEqual([null, null, null])
})

describe('a judge', () => {
  it('keeps its answers, goes on after a failure, and is compared with the model and with people', async () => {
    const folder = temporaryFolder()
    const opened = openEngine(join(folder, 'workspace'))
    const { client } = opened
    try {
      const file = join(folder, 'rollouts.jsonl')
      writeFileSync(file, sampleLines('dpo').slice(0, 6).join('\n'))
      await importFiles(client, [file])
      await classifyAll(client)
      // Counts what the trace says, but cannot read the third, and refuses whoever asks about backward chaining.
      const honest: Answer = ({ body }, response) => {
        const { messages } = JSON.parse(body) as { messages: { content: string }[] }
        const question = messages[0]!.content
        if (question.includes('starts from what is wanted'))
          return status(400, 'too long')({ body, headers: {} }, response)
        const works = /<work>\n([\s\S]*)\n<\/work>/.exec(question)![1]!
        says(`<count>${works.split('Try').length - 1}</count>`)({ body, headers: {} }, response)
      }
      const server = await serve(honest)
      closing.push(server.close)
      const first = await ended(
        client,
        await client.call('judge.start', { url: server.url, model: 'local', concurrency: 3 }),
      )
      expect(first.result).toMatchObject({ traces: 6, answered: 18, failed: 6, known: 0, tokensAsked: 1800 })
      expect(server.asked).toHaveLength(24)

      const again = await ended(client, await client.call('judge.start', { url: server.url, model: 'local' }))
      expect(again.result).toMatchObject({ answered: 0, failed: 6, known: 18 })
      expect(server.asked).toHaveLength(30)

      const [totals] = await client.call('judge.list', {})
      const { judge, answered, failed } = totals!
      expect({ answered, failed }).toEqual({ answered: 18, failed: 6 })
      const agreement = await client.call('judge.agreement', { judge })
      expect(agreement.map(({ behaviour }) => behaviour)).toEqual([...BEHAVIOURS])
      const rows = await client.call('traces.list', { limit: 10 })
      const tries = await Promise.all(
        rows.map(
          async ({ id }) => (await client.call('traces.get', { id })).response.split('Try').length - 1,
        ),
      )
      const backtracking = agreement.find(({ behaviour }) => behaviour === 'backtracking')!
      expect(backtracking.total).toBe(tries.reduce((sum, one) => sum + one, 0))
      expect(backtracking.episodes).toMatchObject({ traces: 6, mean: backtracking.total / 6 })
      expect(backtracking.labels.traces).toBe(0)
      const filter = { ids: rows.slice(0, 2).map(({ id }) => id), length: { min: 1 } }
      const ofTwo = await client.call('judge.agreement', { judge, filter })
      expect(ofTwo.find(({ behaviour }) => behaviour === 'backtracking')).toMatchObject({
        total: tries[0]! + tries[1]!,
        episodes: { traces: 2 },
      })
      expect(agreement.find(({ behaviour }) => behaviour === 'backward_chaining')!.steps.traces).toBe(0)
    } finally {
      await opened.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('goes past traces that the server will not take, also where it has answered nothing yet', async () => {
    const folder = temporaryFolder()
    const opened = openEngine(join(folder, 'workspace'))
    const { client } = opened
    try {
      const file = join(folder, 'rollouts.jsonl')
      const row = (id: string, response: string) => JSON.stringify({ id, prompt: `What is ${id}?`, response })
      const long = Array.from({ length: 102 }, (_, at) => row(`long ${at}`, `Too long, for ${at} reasons.`))
      writeFileSync(file, [...long, row('short', 'It is 2.')].join('\n'))
      await importFiles(client, [file])
      for (const code of [400, 413, 422]) {
        const server = await serve((request, response) => {
          const { body } = request
          if (body.includes('Too long') || body.includes('starts from what is wanted'))
            status(code, 'too long')(request, response)
          // Thinks about it, while it has said no to what else it is asked about the trace.
          else setTimeout(() => says('<count>1</count>')(request, response), 50)
        })
        closing.push(server.close)
        const behaviours: Behaviour[] = ['backtracking', 'backward_chaining']
        // A selection by file is asked about in the order of ids.
        const filter = { sources: [1] }
        const input = { url: server.url, model: `local ${code}`, filter, behaviours, concurrency: 2 }
        const { result } = await ended(client, await client.call('judge.start', input))
        expect(result).toMatchObject({ traces: 103, answered: 1, failed: 205 })
      }
    } finally {
      await opened.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('gives a server up that never answers, and keeps what was answered', async () => {
    const folder = temporaryFolder()
    const opened = openEngine(join(folder, 'workspace'))
    const { client } = opened
    try {
      const file = join(folder, 'rollouts.jsonl')
      writeFileSync(file, sampleLines('dpo').slice(0, 30).join('\n'))
      await importFiles(client, [file])
      const answers = [...Array.from({ length: 5 }, () => says('<count>1</count>')), status(401, 'wrong key')]
      const server = await serve(...answers)
      closing.push(server.close)
      const input = { url: server.url, model: 'local', concurrency: 2, sample: 20, seed: 3 }
      const job = await ended(client, await client.call('judge.start', input), 'failed')
      expect(job.error).toMatchObject({
        code: 'endpoint_unreachable',
        message: expect.stringContaining('wrong key') as string,
      })
      expect(await client.call('judge.list', {})).toMatchObject([{ answered: 5 }])
      expect(server.asked.length).toBeLessThan(20)
      // One that says no to every question may mean any of them, as where it knows no max_tokens.
      const many = Array.from({ length: 110 }, (_, at) => ({
        id: `more ${at}`,
        prompt: 'Why?',
        response: `${at}`,
      }))
      writeFileSync(file, many.map((row) => JSON.stringify(row)).join('\n'))
      await importFiles(client, [file])
      const refusing = await serve(status(400, 'no such parameter'))
      closing.push(refusing.close)
      const other = { url: refusing.url, model: 'other', behaviours: [BEHAVIOURS[0]], concurrency: 1 }
      const refused = await ended(client, await client.call('judge.start', other), 'failed')
      expect(refused.error).toMatchObject({
        code: 'endpoint_refused',
        message: expect.stringMatching(/no such parameter.*then start again\.$/) as string,
      })
      expect(refusing.asked).toHaveLength(101)
    } finally {
      await opened.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
