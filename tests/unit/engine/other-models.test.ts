import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadRunner } from '#engine/inference/runner.ts'
import type { CausalLmManifest } from '#shared/domain/models/manifest.ts'
import { toDirections } from '#shared/domain/similar/directions.ts'
import { engineFor } from './engine-for.ts'
import { ended, importFiles, sampleLines } from './support.ts'

const MODELS = resolve(import.meta.dirname, '../../fixtures/models')
const golden = <T>(model: string) =>
  (JSON.parse(readFileSync(join(MODELS, model, 'golden.json'), 'utf8')) as { texts: T[] }).texts

const opened = engineFor('file')
beforeAll(async () => {
  const file = opened.put('dpo.jsonl', sampleLines('dpo').slice(0, 12).join('\n'))
  await importFiles(opened.client, [file])
})

describe('a model of another maker that makes vectors', () => {
  it('is told from its outputs, and makes what PyTorch made', async () => {
    const { client } = opened
    expect(await client.call('models.inspect', { folder: join(MODELS, 'tiny-encoder') })).toMatchObject({
      task: 'vectors',
      output: 'last_hidden_state',
      width: 24,
      maxTokens: 24,
      labels: [],
    })
    const { path, tasks } = await client.call('models.add', {
      folder: join(MODELS, 'tiny-encoder'),
      id: 'tiny-encoder',
    })
    expect(tasks).toEqual(['vectors'])
    const runner = await loadRunner({ modelDir: path, device: 'cpu', threads: 1 })
    try {
      // One of the texts is longer than the model reads, one is not ASCII.
      for (const [text, , vector] of golden<[string, number[], number[]]>('tiny-encoder')) {
        const { directions, steps } = await runner.embed([{ prompt: '', response: text }])
        if (steps[0] !== 1) continue
        const wanted = toDirections(Float32Array.from(vector), 24)
        directions.forEach((one, at) => expect(Math.abs(one - wanted[at]!)).toBeLessThanOrEqual(1))
      }
      await expect(runner.classify([])).rejects.toMatchObject({ code: 'model_invalid' })
    } finally {
      await runner.release()
    }
  })

  it('finds steps, goes on where it stopped, and sees what is new', async () => {
    const { client } = opened
    await expect(client.call('similar.find', { like: { traceId: 1, step: 0 } })).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(client.call('similar.start', { model: 'cairn-fast' })).rejects.toMatchObject({
      code: 'model_invalid',
    })
    const wrong = await client.call('classify.start', { model: 'tiny-encoder' })
    expect((await ended(client, wrong, 'failed')).error).toMatchObject({ code: 'model_invalid' })
    const make = async (filter: object) =>
      (await ended(client, await client.call('similar.start', { model: 'tiny-encoder', filter }))).result
    expect(await make({ ids: [1, 2, 3] })).toMatchObject({ traces: 3 })
    const few = await client.call('similar.find', { like: { traceId: 1, step: 0 }, limit: 5 })
    expect(few.steps[0]).toMatchObject({ traceId: 1, step: 0, start: 0 })
    expect(few.steps[0]!.similarity).toBeCloseTo(1, 5)
    expect(await make({})).toMatchObject({ traces: 9 })
    expect(await make({})).toMatchObject({ traces: 0, steps: 0 })
    const all = await client.call('similar.find', { like: { traceId: 1, step: 0 }, limit: 5 })
    expect(all.compared).toBeGreaterThan(few.compared)
    const elsewhere = await client.call('similar.find', {
      ...{ like: { traceId: 1, step: 0 }, elsewhere: true, limit: 500 },
    })
    expect(elsewhere.steps.some(({ traceId }) => traceId === 1)).toBe(false)
    const filtered = await client.call('similar.find', {
      like: { text: 'Let me check.' },
      filter: { ids: [2] },
    })
    expect(new Set(filtered.steps.map(({ traceId }) => traceId))).toEqual(new Set([2]))
    const near = async (text: string) =>
      (await client.call('similar.find', { like: { text } })).steps.map(({ similarity }) => similarity)
    expect(await near('Let me check.\nSo it is 5.')).toEqual(await near('So it is 5.\nLet me check.'))
    expect(await near('Let me check.\nSo it is 5.')).not.toEqual(await near('Let me check.'))
    const words = all.steps.map(({ text }) => text.replace(/\s+/g, ' ').trim())
    expect(new Set(words).size).toBe(words.length)
    for (const { traceId, start, end, text } of all.steps)
      expect((await client.call('traces.get', { id: traceId })).response.slice(start, end)).toContain(
        text.replace(/…$/, ''),
      )
    const groups = await client.call('similar.groups', { groups: 5 })
    expect(groups.groups.reduce((sum, { steps }) => sum + steps, 0)).toBe(all.compared)
    expect(await client.call('similar.groups', { groups: 5 })).toEqual(groups)
  })

  it('that is built in serves as well', async () => {
    const { client } = opened
    await ended(
      client,
      await client.call('similar.start', { model: 'cairn-accurate', filter: { ids: [1, 2] } }),
    )
    const found = await client.call('similar.find', {
      like: { traceId: 1, step: 1 },
      model: 'cairn-accurate',
    })
    expect(found.model).toBe('cairn-accurate')
    expect(found.steps[0]).toMatchObject({ traceId: 1, step: 1 })
  })
})

describe('a causal language model of another maker', () => {
  it('says what PyTorch said, token by token, also of what is longer than it reads', async () => {
    const { client } = opened
    expect(await client.call('models.inspect', { folder: join(MODELS, 'tiny-lm') })).toMatchObject({
      ...{ task: 'surprisal', output: 'logits', vocabulary: 400, maxTokens: 64 },
    })
    const { path } = await client.call('models.add', { folder: join(MODELS, 'tiny-lm'), id: 'tiny-lm' })
    const runner = await loadRunner({ modelDir: path, device: 'cpu', threads: 1 })
    try {
      const texts = golden<[string, string, number[], number[], number[], number[]]>('tiny-lm')
      const batch = await runner.score(texts.map(([prompt, response]) => ({ prompt, response })))
      let at = 0
      texts.forEach(([, , ids, ends, surprisal, entropy], text) => {
        expect(batch.tokens[text]).toBe(ids.length)
        const own = <T extends { slice(from: number, to: number): T }>(all: T) =>
          all.slice(at, at + ids.length)
        expect([...own(batch.ends)]).toEqual(ends)
        own(batch.surprisal).forEach((bits, token) => expect(bits).toBeCloseTo(surprisal[token]!, 3))
        own(batch.entropy).forEach((bits, token) => expect(bits).toBeCloseTo(entropy[token]!, 3))
        at += ids.length
      })
    } finally {
      await runner.release()
    }
  })

  it('reads in the window of its manifest, which is written when it is taken in', async () => {
    const { path } = (await opened.client.call('models.list', {})).find(({ id }) => id === 'tiny-lm')!
    const manifest = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')) as CausalLmManifest
    expect(manifest.window).toBe(64)
    const modelDir = join(opened.folder, 'narrow')
    cpSync(path, modelDir, { recursive: true })
    writeFileSync(join(modelDir, 'manifest.json'), JSON.stringify({ ...manifest, window: 8 }))
    const response = 'Let me check: 2 + 2 = 4. Wait, that is right.'
    const scored = async (folder: string) => {
      const runner = await loadRunner({ modelDir: folder, device: 'cpu', threads: 1 })
      try {
        return [...(await runner.score([{ prompt: '', response }])).surprisal]
      } finally {
        await runner.release()
      }
    }
    const [wide, narrow] = [await scored(path), await scored(modelDir)]
    expect(narrow.slice(0, 5)).toEqual(wide.slice(0, 5).map((bits) => expect.closeTo(bits, 3) as number))
    expect(narrow.at(-1)).not.toBeCloseTo(wide.at(-1)!, 3)
  })

  it('scores a workspace once, and tells of a trace', async () => {
    const { client } = opened
    expect(await client.call('surprisal.get', { traceId: 1 })).toBeNull()
    const job = await ended(client, await client.call('surprisal.start', {}))
    expect(job.result).toMatchObject({ traces: 12, model: 'tiny-lm' })
    expect((await ended(client, await client.call('surprisal.start', {}))).result).toMatchObject({
      traces: 0,
    })
    const { response } = await client.call('traces.get', { id: 1 })
    const found = (await client.call('surprisal.get', { traceId: 1 }))!
    const { version } = (await client.call('models.list', {})).find(({ id }) => id === 'tiny-lm')!
    expect(found).toMatchObject({ model: 'tiny-lm', version, others: [] })
    expect(found.ends.at(-1)).toBe(response.length)
    expect(Math.min(...found.surprisal)).toBeGreaterThanOrEqual(0)
    expect((await client.call('surprisal.models', {}))[0]).toMatchObject({ model: 'tiny-lm', traces: 12 })
    expect(await client.call('models.predicted', {})).toEqual([])
    await client.call('models.remove', { model: 'tiny-lm' })
    expect((await client.call('models.list', {})).some(({ id }) => id === 'tiny-lm')).toBe(false)
    expect((await client.call('surprisal.get', { traceId: 1 }))!.model).toBe('tiny-lm')
  })
})
