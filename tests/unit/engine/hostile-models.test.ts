import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readOnnxHeader } from '#engine/inference/onnx-header.ts'
import { engineFor } from './engine-for.ts'

const TINY = resolve(import.meta.dirname, '../../fixtures/models/tiny-encoder')

const opened = engineFor('file')

/** Protocol buffers by hand: fields of bytes and of numbers. */
const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))]
const bytes = (number: number, content: readonly number[]) => [
  ...varint(number * 8 + 2),
  ...varint(content.length),
  ...content,
]
const text = (number: number, content: string) => bytes(number, [...Buffer.from(content)])
const number = (field: number, value: number) => [...varint(field * 8), ...varint(value)]
const opset = bytes(8, number(2, 18))
const tensor = (...fields: number[][]) => bytes(5, fields.flat())
const location = (path: string) => bytes(13, [...text(1, 'location'), ...text(2, path)])
const model = (graph: readonly number[]) => Buffer.from([...number(1, 9), ...opset, ...bytes(7, graph)])

/** A folder that looks like a model's, with another file for the model. */
function withModel(name: string, content: Buffer, more: (at: string) => void = () => undefined): string {
  const at = join(opened.folder, name)
  mkdirSync(at)
  cpSync(TINY, at, { recursive: true })
  writeFileSync(join(at, 'model.onnx'), content)
  more(at)
  return at
}
const refused = (at: string, why: RegExp) =>
  expect(opened.client.call('models.inspect', { folder: at })).rejects.toMatchObject({
    code: 'model_invalid',
    message: expect.stringMatching(why) as string,
  })

describe('a model that is not what it should be', () => {
  it('may not reach for files outside its folder', async () => {
    for (const [name, path] of [
      ['up', '../secret.bin'],
      ['root', '/etc/passwd'],
      ['drive', 'C:\\secret.bin'],
      ['long', 'a/'.repeat(5000)],
      ['hidden', '.ssh'],
    ] as const)
      await refused(withModel(name, model(tensor(location(path)))), /outside its own folder/)
    await refused(withModel('gone', model(tensor(location('weights.bin')))), /weights.bin are missing/)
    const linked = withModel('linked', model(tensor(location('weights.bin'))), (at) => {
      writeFileSync(join(opened.folder, 'outside.bin'), 'secret')
      symlinkSync(join(opened.folder, 'outside.bin'), join(at, 'weights.bin'))
    })
    await refused(linked, /a link to a file outside/)
    // The same in a constant deep inside a node, where onnxruntime would find it, too.
    const hidden = bytes(1, bytes(5, bytes(5, location('../secret.bin'))))
    await refused(withModel('constant', model(hidden)), /outside its own folder/)
  })

  it('may not bring operators of its own, claim what no memory holds, or nest without an end', async () => {
    await refused(withModel('custom', model(bytes(1, text(7, 'evil.ops')))), /operators of evil\.ops/)
    const huge = tensor(number(1, 2 ** 31), number(1, 2 ** 20))
    await refused(withModel('huge', model(huge)), /claims a tensor of/)
    let graph: number[] = []
    for (let depth = 0; depth < 40; depth++) graph = bytes(1, bytes(5, bytes(6, graph)))
    await refused(withModel('deep', model(graph)), /lie in each other/)
    await refused(withModel('old', Buffer.from(bytes(8, number(2, 3)))), /opset 3; 7 to 24/)
  })

  it('is no model when cut off anywhere', () => {
    const whole = readFileSync(join(TINY, 'model.onnx'))
    const file = join(opened.folder, 'cut.onnx')
    for (let length = 0; length < whole.length; length += 1 + Math.floor(length / 7)) {
      writeFileSync(file, whole.subarray(0, length))
      try {
        // What happens to end between two fields may be read; it is onnxruntime's to refuse.
        expect(readOnnxHeader(file).opset).toBeGreaterThan(0)
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'model_invalid' })
      }
    }
    expect(readOnnxHeader(join(TINY, 'model.onnx'))).toMatchObject({ opset: 18, domains: [], external: [] })
  })

  it('takes no weights beside it into the workspace but those it names', async () => {
    const other = withModel('config', readFileSync(join(TINY, 'model.onnx')), (at) =>
      writeFileSync(join(at, 'config.json'), JSON.stringify({ max_position_embeddings: 10 ** 12 })),
    )
    // A context longer than any is cut down, not believed.
    expect((await opened.client.call('models.inspect', { folder: other })).maxTokens).toBe(4096)
    await refused(join(opened.folder, 'nowhere'), /no folder/)
  })
})
