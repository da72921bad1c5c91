/**
 * A WebAssembly module, written out instruction by instruction, that compares one vector with many: eight-bit rows
 * against a query widened to 16 bits, 16 numbers an iteration. JavaScript alone takes about ten times as long.
 *
 * `dots(rows, count, width, query, out)`: 32-bit dot product of the query with each of `count` rows;
 * `squares(rows, count, width, out)`: of each row with itself. Addresses are in bytes of the imported memory `m.m`;
 * `width` is a multiple of 16, and at most 65,536, so that no sum leaves 32 bits.
 */

/** An unsigned number as LEB128, the way WebAssembly writes numbers. */
function leb(value: number): number[] {
  const bytes: number[] = []
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0))
    value >>>= 7
  } while (value > 0)
  return bytes
}

const sized = (bytes: readonly number[]) => [...leb(bytes.length), ...bytes]
const list = (items: readonly (readonly number[])[]) => [...leb(items.length), ...items.flat()]
const name = (text: string) => sized([...text].map((char) => char.charCodeAt(0)))
const section = (id: number, bytes: readonly number[]) => [id, ...sized(bytes)]

const I32 = 0x7f
const V128 = 0x7b
const get = (local: number) => [0x20, local]
const set = (local: number) => [0x21, local]
const tee = (local: number) => [0x22, local]
const constant = (value: number) => [0x41, value]
const add = [0x6a]
const subtract = [0x6b]
const less = [0x49]
const isZero = [0x45]
const store = [0x36, 2, 0]
const block = [0x02, 0x40]
const loop = [0x03, 0x40]
const branch = (depth: number) => [0x0c, depth]
const branchIf = (depth: number) => [0x0d, depth]
const end = [0x0b]
const load128 = (offset: number) => [0xfd, 0x00, 0, offset]
const zero128 = [0xfd, 0x0c, ...Array<number>(16).fill(0)]
const lane = (index: number) => [0xfd, 0x1b, index]
const addLanes = [0xfd, 0xae, 0x01]
/** Multiplies 8 pairs of 16-bit numbers and adds neighbours: i32x4.dot_i16x8_s. */
const dotLanes = [0xfd, 0xba, 0x01]
/** Widens the first or last 8 of 16 signed bytes: i16x8.extend_…_i8x16_s. */
const widenLow = [0xfd, 0x87, 0x01]
const widenHigh = [0xfd, 0x88, 0x01]
const increase = (local: number, by: number) => [...get(local), ...constant(by), ...add, ...set(local)]

interface Locals {
  rows: number
  count: number
  width: number
  out: number
  rowEnd: number
  sum: number
  row: number
}

/** For each row: `sum` starts at zero, `each` adds 16 numbers of the row to it, its four lanes are added up and kept. */
function overRows(locals: Locals, before: readonly number[], each: readonly number[]): number[] {
  const { rows, count, width, out, rowEnd, sum, row } = locals
  const total = [0, 1, 2, 3].flatMap((index) => [...get(sum), ...lane(index), ...(index > 0 ? add : [])])
  return [
    ...block,
    ...loop,
    ...[...get(count), ...isZero, ...branchIf(1)],
    ...[...zero128, ...set(sum), ...before],
    ...[...get(rows), ...get(width), ...add, ...set(rowEnd)],
    ...loop,
    ...[...get(rows), ...load128(0), ...set(row), ...each],
    ...[...get(rows), ...constant(16), ...add, ...tee(rows), ...get(rowEnd), ...less, ...branchIf(0)],
    ...end,
    ...[...get(out), ...total, ...store],
    ...increase(out, 4),
    ...[...get(count), ...constant(1), ...subtract, ...set(count)],
    ...branch(0),
    ...end,
    ...end,
    ...end,
  ]
}

function dots(): number[] {
  const locals = { rows: 0, count: 1, width: 2, out: 4, rowEnd: 5, sum: 7, row: 8 }
  const [query, at] = [3, 6]
  const { sum, row } = locals
  const half = (widen: readonly number[], offset: number) => [
    ...get(row),
    ...widen,
    ...get(at),
    ...load128(offset),
    ...dotLanes,
    ...addLanes,
  ]
  const each = [...get(sum), ...half(widenLow, 0), ...half(widenHigh, 16), ...set(sum), ...increase(at, 32)]
  return overRows(locals, [...get(query), ...set(at)], each)
}

function squares(): number[] {
  const locals = { rows: 0, count: 1, width: 2, out: 3, rowEnd: 4, sum: 6, row: 7 }
  const { sum, row } = locals
  const half = (widen: readonly number[]) => [
    ...[...get(row), ...widen, ...get(row), ...widen],
    ...dotLanes,
    ...addLanes,
  ]
  return overRows(locals, [], [...get(sum), ...half(widenLow), ...half(widenHigh), ...set(sum)])
}

const body = (code: readonly number[]) =>
  sized([
    ...list([
      [...leb(2), I32],
      [...leb(2), V128],
    ]),
    ...code,
  ])
const signature = (parameters: number) => [0x60, ...list(Array.from({ length: parameters }, () => [I32])), 0]

/** The module's bytes. */
export const dotModule: Uint8Array<ArrayBuffer> = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...section(1, list([signature(5), signature(4)])),
  ...section(2, list([[...name('m'), ...name('m'), 0x02, 0x00, 0x00]])),
  ...section(3, list([[0], [1]])),
  ...section(
    7,
    list([
      [...name('dots'), 0x00, 0],
      [...name('squares'), 0x00, 1],
    ]),
  ),
  ...section(10, list([body(dots()), body(squares())])),
])
