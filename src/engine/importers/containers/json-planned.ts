import { isUtf8 } from 'node:buffer'
import type { Json } from '#shared/domain/trace.ts'
import type { ContainerItem, InputFile } from '../types.ts'
import { ByteWindow } from './byte-window.ts'
import { readColumns, type Column } from './json-columns.ts'
import { ElementReader, type Element } from './json-elements.ts'
import { textOf, type DocumentIndex, type IndexedMember } from './json-index.ts'
import type { Layout } from './json-layout.ts'
import { readElements, reshape, toItem, type Reading, type Shaping } from './json-records.ts'
import { parseJson } from './lenient-json.ts'
import { DOCUMENT_ROW, RECORD_LIMIT, type Batches, type ReadOptions } from './options.ts'
import { reject } from './parse-record.ts'
import { openText, type TextSource } from './text-source.ts'

/** Bytes of the fields beside the records that are kept as context. */
const DOCUMENT_LIMIT = 64 * 1024 * 1024

/** An object's layout and where its members lie. */
export interface Plan {
  index: DocumentIndex
  layout: Exclude<Layout, { kind: 'record' }>
}

/**
 * Reads the records of an indexed object.
 *
 * @throws CairnError `input_unreadable`, after all records before the break were delivered
 */
export function readPlanned(file: InputFile, plan: Plan, options: ReadOptions): Batches {
  return new PlannedReading(file, plan, options).run()
}

class PlannedReading {
  readonly #file: InputFile
  readonly #plan: Plan
  readonly #limit: number
  readonly #options: ReadOptions
  readonly #windows: ByteWindow[] = []
  #row = 0
  /** The document's `columns`, known once its fields were read. */
  #columnNames: readonly Json[] = []
  readonly #firstRow: number

  constructor(file: InputFile, plan: Plan, options: ReadOptions) {
    this.#file = file
    this.#plan = plan
    this.#limit = options.recordLimit ?? RECORD_LIMIT
    this.#firstRow = options.start?.row ?? 0
    this.#options = options
  }

  async *run(): Batches {
    const { layout, index } = this.#plan
    try {
      if (layout.kind === 'dictionary') yield* this.#dictionary()
      else {
        const chosen = index.members.filter((member) => layout.keys.includes(member.key))
        yield* this.#document(index.members.filter((member) => !chosen.includes(member)))
        if (layout.kind === 'columns') yield* this.#columns(chosen)
        else {
          for (const member of chosen)
            yield* this.#array(member, arrayShaping(layout, member.key, this.#columnNames))
        }
        if (!index.complete && !chosen.some((member) => member === index.members.at(-1))) yield* this.#torn()
      }
      for (const window of this.#windows) if (window.failure !== null) throw window.failure as Error
    } finally {
      for (const window of this.#windows) await window.close()
    }
  }

  /** Opens the file again at a position that the index gave. */
  async #open(position: number): Promise<{ window: ByteWindow; source: TextSource }> {
    const progress = this.#options.onRead ? { onRead: this.#options.onRead } : {}
    let source = await openText(this.#file, { offset: position, ...progress })
    if (!source.direct) {
      // Positions of converted text count from where it was opened: read from the beginning.
      await source.chunks.return()
      source = await openText(this.#file, progress)
    }
    const window = new ByteWindow(source.chunks, source.start)
    this.#windows.push(window)
    while (window.end <= position && (await window.fill(position))) {
      // Everything before the position is given up as it is read.
    }
    return { window, source }
  }

  #reading(source: TextSource): Reading {
    const offsetOf = (position: number): number => source.offsetOf(position)
    return { offsetOf, limit: this.#limit, row: this.#row, firstRow: this.#firstRow }
  }

  async *#document(others: readonly IndexedMember[]): Batches {
    const [head] = this.#plan.index.members
    const fields: [string, Json][] = []
    const left: ContainerItem[] = []
    let size = 0
    for (const member of others) {
      const at = { line: member.line, row: DOCUMENT_ROW, offset: null }
      const length = member.end - member.start
      if ((size += length) > DOCUMENT_LIMIT) {
        const message = `Field "${member.key}" beside the records is too large to keep as context (${length} bytes); it was left out.`
        left.push(reject('record_too_large', message, at, new Uint8Array(0), 0))
        size -= length
        continue
      }
      const { window } = await this.#open(member.start)
      while (window.end < member.end && (await window.fill(member.start))) {
        // The value is needed whole.
      }
      const bytes = Buffer.from(window.slice(member.start, member.end))
      await window.close()
      this.#windows.pop()
      try {
        if (!isUtf8(bytes)) throw new SyntaxError('it is not valid UTF-8')
        fields.push([member.key, parseJson(bytes.toString('utf8'))])
      } catch (thrown) {
        const reason = thrown instanceof Error ? thrown.message : String(thrown)
        left.push(
          reject(
            'invalid_json',
            `Field "${member.key}" beside the records cannot be read: ${reason}.`,
            at,
            bytes,
            0,
          ),
        )
      }
    }
    const at = { line: head?.line ?? 1, row: DOCUMENT_ROW, offset: null }
    const columns = fields.find(([key]) => key === 'columns')?.[1]
    if (Array.isArray(columns)) this.#columnNames = columns as readonly Json[]
    if (fields.length > 0)
      yield [{ record: { value: { $document: Object.fromEntries(fields) }, at, raw: null } }]
    if (left.length > 0) yield left
  }

  async *#array(member: IndexedMember, shape: Shaping | undefined): Batches {
    const { window, source } = await this.#open(member.start + 1)
    const at = { position: member.start + 1, line: member.line }
    const reading = this.#reading(source)
    yield* readElements(new ElementReader(window, 'array', at, this.#limit), reading, shape)
    this.#row = reading.row
  }

  async *#columns(members: readonly IndexedMember[]): Batches {
    const columns: Column[] = []
    let reading: Reading | null = null
    for (const member of members) {
      const { window, source } = await this.#open(member.start + 1)
      reading ??= this.#reading(source)
      const kind = member.kind === 'array' ? 'array' : 'object'
      const at = { position: member.start + 1, line: member.line }
      columns.push({ member, reader: new ElementReader(window, kind, at, this.#limit) })
    }
    if (reading) yield* readColumns(columns, reading)
  }

  async *#dictionary(): Batches {
    const { inside } = this.#plan.index
    const { window, source } = await this.#open(inside.position)
    const members = new ElementReader(window, 'object', inside, this.#limit)
    const reading = this.#reading(source)
    for (;;) {
      const key = await members.enter()
      if (key === null) break
      const shape: Shaping = (value) => withKey(textOf(key), value)
      const first = window.slice(members.position, members.position + 1)[0]
      if (first === OPEN_BRACKET) {
        const at = { position: members.position + 1, line: members.line }
        const array = new ElementReader(window, 'array', at, this.#limit)
        yield* readElements(array, reading, shape)
        members.position = array.position
        members.line = array.line
      } else yield* readOne(members, await members.value(key), reading, shape)
    }
    this.#row = reading.row
    if (members.closing === 'open' && window.failure === null) yield* this.#torn()
  }

  async *#torn(): Batches {
    const at = { line: null, row: this.#row, offset: null }
    yield [
      reject(
        'torn_record',
        'The file ends before its object is closed; the records were complete.',
        at,
        new Uint8Array(0),
        0,
      ),
    ]
  }
}

/** A single member of a dictionary. */
async function* readOne(reader: ElementReader, element: Element, reading: Reading, shape: Shaping): Batches {
  const { item, used } = await toItem(reader, element, reading)
  // As in `readElements`.
  if (used.torn && 'reject' in item && reader.window.failure !== null) return
  if (reading.row++ < reading.firstRow) return
  yield [reshape(item, used, shape)]
}

function arrayShaping(
  layout: Layout & { kind: 'arrays' },
  key: string,
  columns: readonly Json[],
): Shaping | undefined {
  if (layout.unwrap === 'row') return unwrapRow
  if (layout.unwrap === 'columns') return (value) => named(columns, value)
  return layout.keys.length > 1 ? (value) => withKey(key, value) : undefined
}

function named(columns: readonly Json[], value: Json): Json {
  return Array.isArray(value)
    ? Object.fromEntries((value as Json[]).map((cell, index) => [nameOf(columns[index], index), cell]))
    : value
}

const nameOf = (name: Json | undefined, index: number): string =>
  typeof name === 'string' ? name : String(index)

/** The datasets-server wraps each row: `{ row_idx, row, truncated_cells }`. */
const unwrapRow: Shaping = (value) => (isObject(value) && isObject(value['row']) ? value['row'] : value)

function withKey(key: string, value: Json): Json {
  return isObject(value) ? { $key: key, ...value } : { $key: key, value }
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const OPEN_BRACKET = 0x5b
