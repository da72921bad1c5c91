/**
 * Values as bytes, for transports that carry only bytes (WebSocket). Typed arrays travel as they are
 * in memory behind a JSON part; the JSON part names the path of each, so that no value of the user's
 * can be mistaken for one. Layout: u32 length of JSON · JSON · padding to 8 · arrays, each padded to 8.
 */

const ARRAYS = {
  Uint8Array,
  Int32Array,
  Uint16Array,
  Uint32Array,
  Float32Array,
  Float64Array,
} as const

type ArrayName = keyof typeof ARRAYS
type Carried = InstanceType<(typeof ARRAYS)[ArrayName]>

interface Placed {
  path: (string | number)[]
  type: ArrayName
  offset: number
  length: number
}

const align = (bytes: number): number => (bytes + 7) & ~7

function arrayName(value: object): ArrayName | null {
  for (const name of Object.keys(ARRAYS) as ArrayName[]) if (value instanceof ARRAYS[name]) return name
  return null
}

/** Encodes a JSON-like value whose leaves may be typed arrays. `undefined` members are left out. */
export function encode(value: unknown): Uint8Array {
  const arrays: { path: (string | number)[]; type: ArrayName; array: Carried }[] = []
  const path: (string | number)[] = []
  const strip = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null) return node
    const type = arrayName(node)
    if (type !== null) {
      arrays.push({ path: [...path], type, array: node as Carried })
      return null
    }
    const under = (key: string | number, item: unknown): unknown => {
      path.push(key)
      const stripped = strip(item)
      path.pop()
      return stripped
    }
    if (Array.isArray(node)) return node.map((item, index) => under(index, item))
    const copy: Record<string, unknown> = Object.create(null) as Record<string, unknown>
    for (const [key, item] of Object.entries(node)) copy[key] = under(key, item)
    return copy
  }
  const body = strip(value)
  let offset = 0
  const placed: Placed[] = arrays.map(({ path, type, array }) => {
    const at = offset
    offset += align(array.byteLength)
    return { path, type, offset: at, length: array.length }
  })
  const json = new TextEncoder().encode(JSON.stringify([body ?? null, placed]))
  const start = align(4 + json.length)
  const bytes = new Uint8Array(start + offset)
  new DataView(bytes.buffer).setUint32(0, json.length, true)
  bytes.set(json, 4)
  arrays.forEach(({ array }, index) => {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), start + placed[index]!.offset)
  })
  return bytes
}

/**
 * Decodes what `encode` made. Arrays are copies, so the caller may keep them.
 * @throws SyntaxError or RangeError on bytes that `encode` did not make
 */
export function decode(bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const jsonLength = view.getUint32(0, true)
  const json = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(4, 4 + jsonLength))
  const [body, placed] = JSON.parse(json) as [unknown, Placed[]]
  const start = align(4 + jsonLength)
  let root = body
  for (const { path, type, offset, length } of placed) {
    const ArrayType = ARRAYS[type]
    const from = bytes.byteOffset + start + offset
    const array = new ArrayType(
      bytes.buffer.slice(from, from + length * ArrayType.BYTES_PER_ELEMENT) as ArrayBuffer,
    )
    const last = path.at(-1)
    if (last === undefined) root = array
    else {
      let parent = root
      for (const key of path.slice(0, -1)) parent = ownMember(parent, key)
      if (ownMember(parent, last) !== null) throw misplaced()
      Object.defineProperty(parent, last, {
        value: array,
        enumerable: true,
        writable: true,
        configurable: true,
      })
    }
  }
  return root
}

/** A member that the JSON part itself has: a path from the wire must not lead into a prototype. */
function ownMember(parent: unknown, key: string | number): unknown {
  if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, key)) throw misplaced()
  return (parent as Record<string | number, unknown>)[key]
}

function misplaced(): RangeError {
  return new RangeError('An array is placed where the message has no room for it.')
}
