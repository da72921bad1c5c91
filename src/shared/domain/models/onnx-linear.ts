import { joined } from '../joined.ts'

/**
 * A logistic layer as an ONNX file: `features` float32 [steps, width] to `probabilities` float32 [steps, 1]. Written
 * byte by byte after onnx.proto: three nodes and two constants need no library.
 * @param weights `width` of them
 */
export function linearOnnx(weights: Float32Array, constant: number): Uint8Array<ArrayBuffer> {
  const width = weights.length
  const node = (op: string, inputs: readonly string[], output: string) =>
    message([...inputs.map((name) => text(1, name)), text(2, output), text(3, op.toLowerCase()), text(4, op)])
  const tensor = (name: string, dims: readonly number[], values: Float32Array) =>
    message([
      ...dims.map((dim) => number(1, dim)),
      number(2, FLOAT),
      text(8, name),
      field(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
    ])
  const value = (name: string, columns: number) => {
    const shape = message([field(1, message([text(2, 'steps')])), field(1, message([number(1, columns)]))])
    const type = message([field(1, message([number(1, FLOAT), field(2, shape)]))])
    return message([text(1, name), field(2, type)])
  }
  const graph = message([
    field(1, node('MatMul', ['features', 'weights'], 'products')),
    field(1, node('Add', ['products', 'constant'], 'logits')),
    field(1, node('Sigmoid', ['logits'], 'probabilities')),
    text(2, 'cairn-own-behaviour'),
    field(5, tensor('weights', [width, 1], weights)),
    field(5, tensor('constant', [1], Float32Array.of(constant))),
    field(11, value('features', width)),
    field(12, value('probabilities', 1)),
  ])
  return message([
    number(1, IR_VERSION),
    text(2, 'cairn'),
    field(7, graph),
    field(8, message([text(1, ''), number(2, OPSET)])),
  ])
}

const IR_VERSION = 8
const OPSET = 17
/** onnx.TensorProto.FLOAT; its raw data is little-endian, as every machine that Cairn runs on is. */
const FLOAT = 1

type Bytes = Uint8Array<ArrayBuffer>

const message = (parts: readonly Bytes[]): Bytes => joined(Uint8Array, parts)

function varint(value: number): Bytes {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest])
    bytes.push((rest % 128) + 128)
  }
}

const number = (id: number, value: number): Bytes => message([varint(id * 8), varint(value)])

const field = (id: number, bytes: Uint8Array): Bytes =>
  message([varint(id * 8 + 2), varint(bytes.length), Uint8Array.from(bytes)])

const text = (id: number, value: string): Bytes => field(id, new TextEncoder().encode(value))
