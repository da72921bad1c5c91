import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadClassifier } from '#engine/inference/classifier.ts'
import { seeded } from '#shared/domain/random.ts'
import { engineFor } from './engine-for.ts'
import { ended, importFiles, sampleLines } from './support.ts'

const TINY = resolve(import.meta.dirname, '../../fixtures/models/tiny-classifier')
const { texts } = JSON.parse(readFileSync(join(TINY, 'golden.json'), 'utf8')) as {
  texts: [text: string, ids: number[], logits: number[]][]
}
const MAP = { verification: 'checks', backtracking: 'goes back' }

const opened = engineFor('file')

/** A copy of the tiny model that a test may spoil. */
function copy(name: string, spoil: (folder: string) => void): string {
  const target = join(opened.folder, name)
  mkdirSync(target)
  cpSync(TINY, target, { recursive: true })
  spoil(target)
  return target
}
const config = (target: string, change: object) => {
  const file = join(target, 'config.json')
  const found = JSON.parse(readFileSync(file, 'utf8')) as object
  writeFileSync(file, JSON.stringify({ ...found, ...change }))
}

describe('a text classifier of another maker', () => {
  it('is looked at without being taken in', async () => {
    expect(await opened.client.call('models.inspect', { folder: TINY })).toMatchObject({
      title: 'tiny-classifier',
      opset: 17,
      labels: ['other', 'checks', 'goes back'],
      inputs: ['input_ids', 'attention_mask'],
      output: 'logits',
      activation: 'softmax',
      maxTokens: 16,
    })
    expect((await opened.client.call('models.list', {})).some(({ id }) => id.startsWith('tiny'))).toBe(false)
  })

  it('is read by the sigmoid where it has a single label, or several at once', async () => {
    const activation = async (name: string, change: object) =>
      (await opened.client.call('models.inspect', { folder: copy(name, (at) => config(at, change)) }))
        .activation
    expect(await activation('single', { id2label: { 0: 'checks' } })).toBe('sigmoid')
    expect(await activation('several', { problem_type: 'multi_label_classification' })).toBe('sigmoid')
    expect(await activation('one-of', { problem_type: 'single_label_classification' })).toBe('softmax')
  })

  it('has its labels numbered where its configuration leaves them out', async () => {
    const folder = copy('unnamed', (at) => config(at, { id2label: undefined }))
    const { labels } = await opened.client.call('models.inspect', { folder })
    expect(labels).toEqual(['LABEL_0', 'LABEL_1', 'LABEL_2'])
  })

  it('says what its own tokenizer and runtime say, and reads what is too long in windows', async () => {
    const added = await opened.client.call('models.add', { folder: TINY, id: 'tiny', map: MAP })
    expect(added).toMatchObject({ id: 'tiny', kind: 'text-classification', builtIn: false })
    const classifier = await loadClassifier({ modelDir: added.path, device: 'cpu', threads: null })
    try {
      for (const [text, ids, logits] of texts.filter(([text]) => text !== '')) {
        const { probabilities, steps } = await classifier.classify([{ prompt: '', response: text }])
        expect(probabilities.subarray(2)).toEqual(new Float32Array(steps[0]! * 4 - 2))
        if (ids.length > 16) {
          expect(probabilities[0]).toBeGreaterThan(0)
          continue
        }
        const parts = logits.map(Math.exp)
        const sum = parts.reduce((total, part) => total + part, 0)
        expect(probabilities[0]).toBeCloseTo(parts[1]! / sum, 5)
        expect(probabilities[1]).toBeCloseTo(parts[2]! / sum, 5)
      }
    } finally {
      await classifier.release()
    }
  })

  it('classifies a workspace like any other model', async () => {
    const file = opened.put('dpo.jsonl', sampleLines('dpo').slice(0, 10).join('\n'))
    await importFiles(opened.client, [file])
    const job = await opened.client.call('classify.start', { model: 'tiny', device: 'cpu' })
    expect((await ended(opened.client, job)).result).toMatchObject({ traces: 10, model: 'tiny' })
    const { prediction } = await opened.client.call('traces.get', { id: 1 })
    expect(prediction!.model).toBe('tiny')
    expect(Math.max(...prediction!.probabilities)).toBeGreaterThan(0)
  })

  it('is refused, with the reason, where it does not fit', async () => {
    const { client } = opened
    const refused = (name: string, spoil: (folder: string) => void, why: RegExp) =>
      expect(client.call('models.inspect', { folder: copy(name, spoil) })).rejects.toMatchObject({
        code: 'model_invalid',
        message: expect.stringMatching(why) as string,
      })
    await refused('no-model', (at) => rmSync(join(at, 'model.onnx')), /no model\.onnx/)
    await refused('no-tokenizer', (at) => rmSync(join(at, 'tokenizer.json')), /no tokenizer\.json/)
    await refused('no-labels', (at) => config(at, { id2label: {} }), /names no labels/)
    await refused('number', (at) => config(at, { problem_type: 'regression' }), /no probability/)
    await refused(
      'no-config',
      (at) => writeFileSync(join(at, 'config.json'), '{'),
      /config\.json cannot be read/,
    )
    await refused('text', (at) => writeFileSync(join(at, 'model.onnx'), 'This is no model.'), /no ONNX model/)
    const input = { folder: TINY, id: 'again', map: MAP }
    await expect(client.call('models.add', { ...input, id: 'tiny' })).rejects.toMatchObject({
      code: 'conflict',
    })
    await expect(client.call('models.add', { ...input, id: '../up' })).rejects.toMatchObject({
      code: 'bad_request',
    })
    await expect(client.call('models.add', { ...input, map: {} })).rejects.toMatchObject({
      code: 'bad_request',
    })
    await expect(client.call('models.add', { ...input, map: { verification: 'no' } })).rejects.toMatchObject({
      code: 'bad_request',
    })
    const wrong = copy('wrong-labels', (at) => config(at, { id2label: { 0: 'a', 1: 'b' } }))
    await expect(
      client.call('models.add', { folder: wrong, id: 'wrong', map: { verification: 'a' } }),
    ).rejects.toMatchObject({ code: 'inference_failed' })
    expect(readdirSync(join(opened.workspace, 'models'))).toEqual(['tiny'])
  })

  // A pipe is a file that takes as long as one likes.
  it.skipIf(process.platform === 'win32')('is copied while the engine answers others', async () => {
    const { client } = opened
    const whole = readFileSync(join(TINY, 'tokenizer.json'))
    const pipe = (at: string) => {
      rmSync(join(at, 'tokenizer.json'))
      execFileSync('mkfifo', [join(at, 'tokenizer.json')])
    }
    const folder = copy('slow', pipe)
    const adding = client.call('models.add', { folder, id: 'slow', map: MAP })
    const draft = join(opened.workspace, 'models/.slow.part/tokenizer.json')
    await expect.poll(() => existsSync(draft)).toBe(true)
    expect((await client.call('models.list', {})).some(({ id }) => id === 'slow')).toBe(false)
    await expect(client.call('models.add', { folder: TINY, id: 'slow', map: MAP })).rejects.toMatchObject({
      code: 'conflict',
    })
    await writeFile(join(folder, 'tokenizer.json'), whole)
    const { path } = await adding
    expect(readFileSync(join(path, 'tokenizer.json')).equals(whole)).toBe(true)
    await client.call('models.remove', { model: 'slow' })
  })

  it('that is damaged anywhere never takes the engine down', async () => {
    const whole = readFileSync(join(TINY, 'model.onnx'))
    const random = seeded(5)
    const target = copy('damaged', () => undefined)
    for (let round = 0; round < 60; round++) {
      const bytes = Buffer.from(whole)
      for (let flips = 0; flips < 1 + round / 10; flips++)
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
      writeFileSync(
        join(target, 'model.onnx'),
        round % 3 === 0 ? bytes.subarray(0, random() * bytes.length) : bytes,
      )
      const outcome = await opened.client
        .call('models.add', { folder: target, id: `d${round}`, map: MAP })
        .then(
          () => 'added',
          ({ code }: { code: string }) => code,
        )
      expect(['added', 'model_invalid', 'inference_failed', 'inference_crashed']).toContain(outcome)
    }
    expect((await opened.client.call('models.inspect', { folder: TINY })).labels).toHaveLength(3)
  })
})
