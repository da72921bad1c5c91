import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, encode } from '#shared/rpc/codec.ts'

const MARKERS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'path',
  'type',
  'offset',
  'length',
  '$array',
  '0',
  '',
]

const array = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.int32Array({ maxLength: 9 }),
  fc.uint16Array({ maxLength: 9 }),
  fc.uint32Array({ maxLength: 9 }),
  fc.float32Array({ maxLength: 9 }),
  fc.float64Array({ maxLength: 9 }),
)
const key = fc.oneof(
  { arbitrary: fc.constantFrom(...MARKERS), weight: 2 },
  fc.string({ unit: 'binary', maxLength: 6 }),
)
// JSON has no negative zero.
const number = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((value) => (Object.is(value, -0) ? 0 : value))
const leaf = fc.oneof(
  { arbitrary: array, weight: 3 },
  fc.string({ unit: 'binary', maxLength: 8 }),
  number,
  fc.boolean(),
  fc.constant(null),
)

/** An object whose every key is its own, `__proto__` too. */
function ownKeys(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const made: Record<string, unknown> = {}
  for (const [name, value] of entries)
    Object.defineProperty(made, name, { value, enumerable: true, writable: true, configurable: true })
  return made
}

const value = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 6, depthSize: 'small' },
    leaf,
    fc.array(tie('node'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('node')), { maxLength: 4 }).map(ownKeys),
  ),
})).node

/** Own entries only, so that a `__proto__` member counts as one; arrays by type and bytes. */
function plain(node: unknown): unknown {
  if (ArrayBuffer.isView(node))
    return [
      'view',
      node.constructor.name,
      Buffer.from(node.buffer, node.byteOffset, node.byteLength).toString('hex'),
    ]
  if (Array.isArray(node)) return ['list', ...node.map(plain)]
  if (typeof node === 'object' && node !== null)
    return [
      'object',
      Object.keys(node).map((name) => [name, plain(Object.getOwnPropertyDescriptor(node, name)!.value)]),
    ]
  return node
}

describe('the codec', () => {
  it('brings back any JSON value with typed arrays at any depth', () => {
    fc.assert(
      fc.property(value, (given) => {
        const copy = decode(encode(given))
        expect(plain(copy)).toEqual(plain(given))
      }),
      { numRuns: 1500 },
    )
  })

  it('brings the same back from any place in a larger buffer', () => {
    fc.assert(
      fc.property(value, fc.nat(17), (given, shift) => {
        const bytes = encode(given)
        const larger = new Uint8Array(bytes.length + shift + 5).fill(0xaa)
        larger.set(bytes, shift)
        expect(plain(decode(larger.subarray(shift, shift + bytes.length)))).toEqual(plain(given))
      }),
      { numRuns: 300 },
    )
  })

  it('encodes views of parts of buffers, and gives copies that share nothing', () => {
    const buffer = new Float32Array([1, 2, 3, 4, 5])
    const bytes = encode({ part: buffer.subarray(1, 3), odd: new Uint8Array(buffer.buffer, 3, 2) })
    const { part } = decode(bytes) as { part: Float32Array }
    expect(part).toEqual(new Float32Array([2, 3]))
    bytes.fill(0)
    expect(part).toEqual(new Float32Array([2, 3]))
    expect(part.buffer.byteLength).toBe(8)
  })

  it('touches no prototype', () => {
    const hostile = ownKeys([
      ['__proto__', ownKeys([['polluted', new Uint8Array([1])]])],
      ['constructor', ownKeys([['prototype', ownKeys([['polluted', new Uint8Array([2])]])]])],
    ])
    const copy = decode(encode(hostile)) as object
    expect(plain(copy)).toEqual(plain(hostile))
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('throws on bytes that it did not make, and never changes a prototype', () => {
    fc.assert(
      fc.property(
        value,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (given, edits) => {
          const bytes = encode(given)
          for (const [at, byte] of edits) bytes[at % bytes.length] = byte
          try {
            decode(bytes)
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(Error)
          }
          expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
          expect(Object.keys(Object.prototype)).toEqual([])
        },
      ),
      { numRuns: 500 },
    )
    for (const part of [
      new Uint8Array(0),
      new Uint8Array(3),
      encode({ a: new Uint32Array(4) }).subarray(0, 20),
    ])
      expect(() => decode(part)).toThrow()
  })

  it('refuses a placement that climbs into a prototype', () => {
    const made = (path: unknown[]) => {
      const json = new TextEncoder().encode(
        JSON.stringify([{}, [{ path, type: 'Uint8Array', offset: 0, length: 1 }]]),
      )
      const start = (4 + json.length + 7) & ~7
      const bytes = new Uint8Array(start + 8)
      new DataView(bytes.buffer).setUint32(0, json.length, true)
      bytes.set(json, 4)
      return bytes
    }
    for (const path of [
      ['__proto__', 'polluted'],
      ['constructor', 'prototype', 'polluted'],
      ['toString', 'polluted'],
    ]) {
      try {
        decode(made(path))
      } catch {
        // Refusing is right; what must not be is a changed prototype.
      }
      const polluted = ({} as { polluted?: unknown }).polluted
      delete (Object.prototype as { polluted?: unknown }).polluted
      const onFunction = (Object.prototype.toString as { polluted?: unknown }).polluted
      delete (Object.prototype.toString as { polluted?: unknown }).polluted
      expect([polluted, onFunction], path.join('.')).toEqual([undefined, undefined])
    }
  })

  it('leaves undefined members out and makes undefined null', () => {
    expect(decode(encode({ a: undefined, b: 1 }))).toEqual({ b: 1 })
    expect(decode(encode(undefined))).toBeNull()
  })
})
