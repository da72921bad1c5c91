import type { InputFile } from '../types.ts'
import { ByteWindow } from './byte-window.ts'
import { ElementReader } from './json-elements.ts'
import { indexDocument } from './json-index.ts'
import { layoutOf } from './json-layout.ts'
import { readPlanned, type Plan } from './json-planned.ts'
import { readElements, type Reading } from './json-records.ts'
import { RECORD_LIMIT, type Batches, type ReadOptions } from './options.ts'
import { openText, type TextSource } from './text-source.ts'

const OPEN_BRACKET = 0x5b
const OPEN_BRACE = 0x7b

/** Bytes of a document that is read once and kept while it is looked through. */
const SMALL_DOCUMENT = 4 * 1024 * 1024

/**
 * Reads a JSON document as records: an array of records; an object around arrays of records; a dict of
 * lists or a pandas table (columns are zipped); a dict of identifier → record or records; a sequence of
 * values; or one record. What an object says beside its records comes first, as `{ $document: … }` in row
 * −1. Records told apart only by the key they stand under carry it as `$key`.
 *
 * Memory is bounded by the longest element (at most the record limit), whatever the document's size. An
 * object is read twice: once for its layout, once for its records. Resuming parses from the beginning and
 * delivers from the row of `start` on; the `$document` item is delivered again.
 *
 * @throws CairnError `input_unreadable`, after all records before the break were delivered
 */
export async function* readJson(file: InputFile, options: ReadOptions = {}): Batches {
  const limit = options.recordLimit ?? RECORD_LIMIT
  const progress = options.onRead ? { onRead: options.onRead } : {}
  const source = await openText(file, progress)
  const window = new ByteWindow(source.chunks, source.start)
  const reading: Reading = {
    offsetOf: (position) => source.offsetOf(position),
    limit,
    row: 0,
    firstRow: options.start?.row ?? 0,
  }
  try {
    const sequence = new ElementReader(window, 'sequence', { position: source.start, line: 1 }, limit)
    if ((await sequence.enter()) !== null) {
      const first = window.slice(sequence.position, sequence.position + 1)[0]
      if (first === OPEN_BRACKET) yield* readArrays(sequence, reading, limit)
      else if (first === OPEN_BRACE) {
        const again = await inMemory(file, window, source)
        const plan = await planOf(again)
        if (plan === null) yield* readElements(sequence, reading)
        else {
          await window.close()
          yield* readPlanned(again, plan, options)
          return
        }
      } else yield* readElements(sequence, reading)
    }
    if (window.failure !== null) throw window.failure as Error
  } finally {
    await window.close()
  }
}

/** A small document, held whole, so that its passes open the file only once; a larger one as it is. */
async function inMemory(file: InputFile, window: ByteWindow, source: TextSource): Promise<InputFile> {
  if (!source.direct) return file
  while (window.bytes.length < SMALL_DOCUMENT && (await window.fill(source.start))) {
    // Reading on until it ends or is too large.
  }
  if (!window.ended || window.failure !== null) return file
  const mark = Buffer.from([0xef, 0xbb, 0xbf]).subarray(0, source.start)
  const bytes = Buffer.concat([mark, window.slice(source.start, window.end)])
  return {
    ...file,
    async *open({ offset = 0 } = {}) {
      yield bytes.subarray(offset)
    },
  }
}

/** Arrays one after another (there is rarely more than one), then whatever else follows. */
async function* readArrays(sequence: ElementReader, reading: Reading, limit: number): Batches {
  const { window } = sequence
  do {
    if (window.slice(sequence.position, sequence.position + 1)[0] !== OPEN_BRACKET) {
      yield* readElements(sequence, reading)
      return
    }
    const at = { position: sequence.position + 1, line: sequence.line }
    const array = new ElementReader(window, 'array', at, limit)
    yield* readElements(array, reading)
    sequence.position = array.position
    sequence.line = array.line
  } while ((await sequence.enter()) !== null)
}

/** How an object's records are to be read; null when it is itself a record, or one of several. */
async function planOf(file: InputFile): Promise<Plan | null> {
  const index = await indexDocument(await openText(file))
  if (index.followed) return null
  const layout = layoutOf(index.members)
  if (layout.kind === 'record' || (index.many && layout.kind !== 'dictionary')) return null
  return { index, layout }
}
