import { CairnError } from '#shared/errors.ts'
import type { Json } from '#shared/domain/trace.ts'
import { headOf } from '../input/head.ts'
import type { ContainerName, InputFile } from '../types.ts'
import { readCsv } from './csv.ts'
import { readInspectEval } from './inspect-eval.ts'
import { readJson } from './json.ts'
import { readJsonl } from './jsonl.ts'
import type { Batches, ReadOptions } from './options.ts'
import { readParquet } from './parquet.ts'
import { SNIFF_BYTES, sniffContainer } from './sniff.ts'
import { readText } from './text.ts'
import { readThoughtAnchors } from './thought-anchors.ts'

const READERS: Readonly<Record<ContainerName, (file: InputFile, options: ReadOptions) => Batches>> = {
  jsonl: readJsonl,
  json: readJson,
  csv: readCsv,
  parquet: readParquet,
  inspect_eval: readInspectEval,
  thought_anchors: readThoughtAnchors,
  text: readText,
}

/** How a file is opened: as a given container, from a given record on. */
export interface OpenOptions extends ReadOptions {
  container?: ContainerName
}

/**
 * Finds out what a file is and reads its records, in batches. Items in row `DOCUMENT_ROW` describe the
 * file; they come first, also when reading is resumed.
 *
 * @throws CairnError `input_unreadable`: here when the file cannot be opened, from `batches` when it
 *   breaks later, after everything before the break was delivered
 */
export async function openContainer(
  file: InputFile,
  options: OpenOptions = {},
): Promise<{ container: ContainerName; batches: Batches }> {
  const { container: forced, ...reading } = options
  const container = forced ?? file.container ?? sniffContainer(await beginning(file), file.name)
  return { container, batches: READERS[container](file, reading) }
}

/**
 * The first `n` records of a file (file descriptions as `{ $document }` first, not counted), for detection
 * and preview. Rejected records are passed over; a file that breaks gives what came before.
 *
 * @throws CairnError `input_unreadable` when the file cannot be opened
 */
export async function sampleRecords(
  file: InputFile,
  n: number,
  options: { container?: ContainerName } = {},
): Promise<{ container: ContainerName; records: Json[] }> {
  const { container, batches } = await openContainer(file, options)
  const records: Json[] = []
  let wanted = n
  try {
    for await (const batch of batches) {
      for (const item of batch) {
        if (!('record' in item) || wanted === 0) continue
        records.push(item.record.value)
        if (item.record.at.row >= 0) wanted--
      }
      if (wanted === 0) break
    }
  } catch (thrown) {
    if (!(thrown instanceof CairnError) || records.length === 0) throw thrown
  }
  return { container, records }
}

/** The beginning of a file; a compressed stream that breaks early gives what it has. */
async function beginning(file: InputFile): Promise<Uint8Array> {
  const { head, broken } = await headOf(file, SNIFF_BYTES)
  if (broken !== null && head.length === 0) throw broken
  return head.subarray(0, SNIFF_BYTES)
}
