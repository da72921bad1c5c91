import { CairnError } from '#shared/errors.ts'
import { openProto, type Field, type ProtoFile } from './proto-fields.ts'

/** What an ONNX file says of itself, read without loading any of its weights. */
export interface OnnxHeader {
  bytes: number
  /** Version of ONNX's own operators. */
  opset: number
  /** Makers whose operators it uses and does not bring along, by domain; not ONNX itself. */
  domains: string[]
  /** Files that hold weights, as the file names them: relative to its folder. */
  external: string[]
  /** Numbers of its largest tensor. */
  largest: number
}

/** Fields of the protocol buffers (onnx.proto) that are looked at. */
const MODEL = { graph: 7, opsetImport: 8, functions: 25 }
const OPSET = { domain: 1, version: 2 }
const FUNCTION = { domain: 10, node: 7 }
const GRAPH = { node: 1, initializer: 5, sparse: 15 }
const NODE = { attribute: 5, domain: 7 }
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11 }
const SPARSE = { values: 1, indices: 2 }
const TENSOR = { dims: 1, external: 13 }
const ENTRY = { key: 1, value: 2 }

/** Graphs within graphs: of real models a handful. */
const DEEPEST = 24
const MOST_DIMENSIONS = 64
const ONNX = ['', 'ai.onnx']

/**
 * Reads the header of an ONNX file; weights are skipped, so that it costs little however large the file.
 * @throws CairnError `model_invalid` when it is no ONNX file
 */
export function readOnnxHeader(path: string): OnnxHeader {
  const invalid = (why: string) =>
    new CairnError('model_invalid', `${path} is no ONNX model: ${why}.`, { path })
  let file: ProtoFile
  try {
    file = openProto(path, invalid)
  } catch (cause) {
    const { message } = cause as Error
    throw new CairnError('model_invalid', `${path} cannot be read: ${message}.`, { path }, { cause })
  }
  try {
    return readModel(file, invalid)
  } finally {
    file.close()
  }
}

function readModel(file: ProtoFile, invalid: (why: string) => CairnError): OnnxHeader {
  const used = new Set<string>()
  const brought = new Set<string>(ONNX)
  const external = new Set<string>()
  let opset = 0
  let largest = 0
  const inside = ({ start, value }: Field) => file.fields(start, start + value)

  const tensor = (field: Field) => {
    let size = 1
    for (const own of inside(field)) {
      if (own.number === TENSOR.dims)
        size = file.numbers(own, MOST_DIMENSIONS).reduce((product, one) => product * one, size)
      if (own.number === TENSOR.external) externalData(own)
    }
    largest = Math.max(largest, size)
  }
  const externalData = (field: Field) => {
    let [key, value] = ['', '']
    for (const own of inside(field)) {
      if (own.number === ENTRY.key) key = file.text(own)
      if (own.number === ENTRY.value) value = file.text(own)
    }
    if (key === 'location') external.add(value)
  }
  const node = (field: Field, depth: number) => {
    let domain = ''
    for (const own of inside(field)) {
      if (own.number === NODE.domain) domain = file.text(own)
      if (own.number !== NODE.attribute) continue
      for (const part of inside(own)) {
        if (part.number === ATTRIBUTE.tensor || part.number === ATTRIBUTE.tensors) tensor(part)
        if (part.number === ATTRIBUTE.graph || part.number === ATTRIBUTE.graphs) graph(part, depth + 1)
      }
    }
    used.add(domain)
  }
  const graph = (field: Field, depth: number) => {
    if (depth > DEEPEST) throw invalid('its graphs lie in each other without an end')
    for (const own of inside(field)) {
      if (own.number === GRAPH.node) node(own, depth)
      if (own.number === GRAPH.initializer) tensor(own)
      if (own.number !== GRAPH.sparse) continue
      for (const part of inside(own))
        if (part.number === SPARSE.values || part.number === SPARSE.indices) tensor(part)
    }
  }

  for (const field of file.fields(0, file.bytes)) {
    if (field.number === MODEL.opsetImport) {
      let [domain, version] = ['', 0]
      for (const own of inside(field)) {
        if (own.number === OPSET.domain) domain = file.text(own)
        if (own.number === OPSET.version) version = own.value
      }
      if (ONNX.includes(domain)) opset = version
    } else if (field.number === MODEL.functions) {
      for (const own of inside(field)) {
        if (own.number === FUNCTION.domain) brought.add(file.text(own))
        if (own.number === FUNCTION.node) node(own, 0)
      }
    } else if (field.number === MODEL.graph) graph(field, 0)
  }
  if (opset === 0) throw invalid('it names no version of the ONNX operators')
  return {
    bytes: file.bytes,
    opset,
    domains: [...used].filter((domain) => !brought.has(domain)).sort(),
    external: [...external].sort(),
    largest,
  }
}
