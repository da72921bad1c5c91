import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** A field of a protocol-buffers message. */
export interface Field {
  number: number
  /** Value of a number, exact up to 2^53; length of what has one. */
  value: number
  /** Where what has a length begins; 0 for numbers. */
  start: number
}

/** A file of protocol buffers that is read here and there, so that it costs little however large it is. */
export interface ProtoFile {
  readonly bytes: number
  /** Fields of the message in `[from, to)`; calls `invalid` where they are none, whose error it throws. */
  fields(from: number, to: number): Generator<Field>
  /** Numbers packed one after another, at most `most` of them. */
  numbers(field: Field, most: number): number[]
  /** The begin of a text. */
  text(field: Field): string
  close(): void
}

const PAGE = 65_536
const LONGEST_TEXT = 400
const LONGEST_VARINT = 10

/** @throws Error of the file system */
export function openProto(path: string, invalid: (why: string) => Error): ProtoFile {
  const file = openSync(path, 'r')
  const bytes = fstatSync(file).size
  const page = Buffer.alloc(PAGE)
  let [pageAt, pageEnd] = [0, 0]

  const byteAt = (at: number): number => {
    if (at < pageAt || at >= pageEnd) {
      pageAt = at
      pageEnd = at + readSync(file, page, 0, PAGE, at)
      if (pageEnd <= at) throw invalid('it ends in the middle of a field')
    }
    return page[at - pageAt]!
  }
  /** The number at a place, and the place after it. */
  const varint = (at: number): [value: number, next: number] => {
    let value = 0
    for (let index = 0; index < LONGEST_VARINT; index++) {
      const byte = byteAt(at + index)
      value += (byte & 0x7f) * 2 ** (7 * index)
      if (byte < 0x80) return [value, at + index + 1]
    }
    throw invalid('it has a number without an end')
  }

  return {
    bytes,
    *fields(from, to) {
      for (let at = from; at < to;) {
        const [key, afterKey] = varint(at)
        const [kind, number] = [key & 7, Math.floor(key / 8)]
        if (number === 0 || ![0, 1, 2, 5].includes(kind)) throw invalid('it is not a protocol buffer')
        const [value, start] =
          kind === 0 || kind === 2 ? varint(afterKey) : ([kind === 1 ? 8 : 4, afterKey] as const)
        at = kind === 0 ? start : start + value
        if (at > to) throw invalid('a field is longer than the file')
        yield { number, value, start: kind === 0 ? 0 : start }
      }
    },
    numbers({ value, start }, most) {
      if (start === 0) return [value]
      const found: number[] = []
      for (let at = start; at < start + value && found.length < most;) {
        const [one, next] = varint(at)
        found.push(one)
        at = next
      }
      return found
    },
    text({ value, start }) {
      const own = Buffer.alloc(Math.min(value, LONGEST_TEXT))
      readSync(file, own, 0, own.length, start)
      return own.toString('utf8')
    },
    close: () => closeSync(file),
  }
}
