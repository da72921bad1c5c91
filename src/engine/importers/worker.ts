import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import type { FilePreview } from '#shared/contract/imports.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError, toCairnError } from '#shared/errors.ts'
import { serve } from '#shared/rpc/server.ts'
import { workerChannel } from '../channels.ts'
import { headerRow, standAlone } from './containers/csv-row.ts'
import { openContainer, sampleRecords } from './containers/index.ts'
import { detectShape } from './detect.ts'
import { resolveInputs } from './input/resolve.ts'
import { validateMapping } from './mapping.ts'
import { nameFromPath } from './naming.ts'
import { SHAPES, shapeById } from './shapes/index.ts'
import type { PrepareContext, PreparedTrace } from './prepare.ts'
import { prepareRecord, prepareReject, type PreparedRecord } from './prepare-record.ts'
import { reread } from './reread.ts'
import { reader, type ImportCursor, type OpenedFile, type Overrides, type PreparedBatch } from './reader.ts'
import type { ContainerItem, ContainerName, InputFile, Mapping, Shape, ShapeContext } from './types.ts'

/** Entry of the import thread: reads and prepares what the engine then writes. */

/** Records looked at to tell a file's shape. */
const SAMPLE = 32
/** A batch is written in one short transaction: about this much text, or this many traces. */
const BATCH_CHARS = 250_000
const BATCH_TRACES = 2_000

interface Plan extends OpenedFile {
  file: InputFile
  reads: Shape
}

const { tempDir } = workerData as { tempDir: string }
let files: InputFile[] = []
let batches: AsyncIterator<PreparedBatch> | null = null
/** By path: the members of an archive share one. */
const fingerprints = new Map<string, Promise<string>>()

/** Of bytes, in hex. */
async function sha256Of(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of bytes) hash.update(chunk)
  return hash.digest('hex')
}

async function plan(file: InputFile, overrides: Overrides): Promise<Plan> {
  const { container, records } = await sampleRecords(file, SAMPLE)
  const { shape, mapping } = chooseShape(file, container, records, overrides)
  const named = nameFromPath(file.name)
  return {
    file,
    reads: shape,
    container,
    shape: shape.id,
    mapping,
    run: overrides.run ?? named.run ?? 'imported',
    checkpoint: overrides.checkpoint ?? named.checkpoint,
  }
}

function chooseShape(
  file: InputFile,
  container: ContainerName,
  records: readonly Json[],
  overrides: Overrides,
): { shape: Shape; mapping: Mapping | null } {
  const forced = overrides.shape ?? overrides.mapping?.shape ?? null
  if (forced !== null) {
    const shape = requireShape(forced)
    if (overrides.mapping === null) return { shape, mapping: shape.mapping(records) }
    const mapping = overrides.mapping
    validateMapping(mapping, records)
    return { shape, mapping }
  }
  const detected = detectShape(records, { file: file.name, container })
  if (detected.shape === null)
    throw new CairnError('format_unknown', `${file.name}: ${detected.message ?? ''}`, { file: file.name })
  return { shape: detected.shape, mapping: detected.mapping }
}

function requireShape(id: string): Shape {
  const shape = shapeById(id)
  if (shape !== null) return shape
  const known = SHAPES.map((candidate) => candidate.id).join(', ')
  throw new CairnError('mapping_invalid', `There is no shape "${id}". The shapes are: ${known}.`, {
    shape: id,
  })
}

async function* readBatches(
  { file, reads, container, mapping, run, checkpoint }: Plan,
  overrides: Overrides,
  cursor: ImportCursor | null,
): AsyncGenerator<PreparedBatch> {
  let bytes = 0
  // Lines can be found again by offset; every other container is read from its start and passed over.
  const seek =
    cursor !== null &&
    container === 'jsonl' &&
    file.compression === 'none' &&
    cursor.at.offset !== null &&
    reads.remembers !== true
  const start = seek ? { line: cursor.at.line, row: cursor.at.row, offset: cursor.at.offset } : undefined
  const opened = await openContainer(file, {
    container,
    ...(start === undefined ? {} : { start }),
    onRead: (read) => {
      bytes = read
    },
  })
  const header = container === 'csv' ? await headerRow(file) : null
  let toSkip = cursor === null ? 0 : seek ? 1 : cursor.items
  let items = seek ? cursor.items - 1 : 0
  const context: PrepareContext = {
    run,
    checkpoint,
    runOverride: overrides.run,
    checkpointOverride: overrides.checkpoint,
    positional: reads.positional ?? false,
  }
  const state: ShapeContext = { file: file.name, state: new Map() }
  const passedOver = new Set<string>()
  let batch: PreparedBatch = {
    traces: [],
    rejects: [],
    passedOver: [],
    cursor: { items: 0, at: { line: null, row: 0, offset: null } },
    bytes: 0,
  }
  let chars = 0
  const holdsAny = () => batch.traces.length + batch.rejects.length + batch.passedOver.length > 0
  try {
    for await (const group of opened.batches) {
      for (const read of group) {
        const item = container === 'csv' ? standAlone(read, header) : read
        items++
        const skipped = toSkip > 0
        if (skipped) toSkip--
        // A record passed over may still carry the file's header, which later records need.
        const made = prepareItem(item, reads, state, mapping, context)
        if (skipped) continue
        for (const trace of made.traces) {
          batch.traces.push(trace)
          chars += sizeOf(trace)
        }
        for (const reject of made.rejects) batch.rejects.push(reject)
        if (made.passedOver !== undefined && !passedOver.has(made.passedOver)) {
          passedOver.add(made.passedOver)
          batch.passedOver.push(made.passedOver)
        }
        const { line, row, offset } = 'record' in item ? item.record.at : item.reject.at
        batch.cursor = { items, at: { line, row, offset } }
        if (chars >= BATCH_CHARS || batch.traces.length >= BATCH_TRACES || batch.rejects.length >= 200) {
          batch.bytes = bytes
          yield batch
          batch = { ...batch, traces: [], rejects: [], passedOver: [] }
          chars = 0
        }
      }
    }
  } catch (thrown) {
    // The file breaks off here: what was read of it before is kept.
    if (holdsAny()) yield { ...batch, bytes }
    throw thrown
  }
  if (holdsAny()) yield { ...batch, bytes: file.size }
}

/** About the characters that a trace hands to the engine. */
function sizeOf({ prompt, messages, response, metadata }: PreparedTrace): number {
  return prompt.length + (messages?.length ?? 0) + response.length + metadata.length + 200
}

function prepareItem(
  item: ContainerItem,
  shape: Shape,
  state: ShapeContext,
  mapping: Mapping | null,
  context: PrepareContext,
): PreparedRecord {
  if ('reject' in item) return { traces: [], rejects: [prepareReject(item.reject)] }
  return prepareRecord(item.record, shape, state, mapping, context)
}

function fileAt(index: number): InputFile {
  const file = files[index]
  if (file === undefined) throw new CairnError('bad_request', `There is no planned file ${index}.`)
  return file
}

async function preview(index: number, overrides: Overrides, count: number): Promise<FilePreview> {
  const file = fileAt(index)
  const { container, records } = await sampleRecords(file, Math.max(SAMPLE, count))
  const blank: FilePreview = {
    file: file.name,
    container,
    shape: null,
    shapeTitle: '',
    score: 0,
    mapping: null,
    run: null,
    checkpoint: null,
    records: records.slice(0, count),
    traces: [],
    problem: null,
    fatal: false,
  }
  try {
    const { shape, mapping } = chooseShape(file, container, records, overrides)
    const named = nameFromPath(file.name)
    const context: PrepareContext = {
      run: named.run ?? 'imported',
      checkpoint: named.checkpoint,
      runOverride: overrides.run,
      checkpointOverride: overrides.checkpoint,
      positional: false,
    }
    const state: ShapeContext = { file: file.name, state: new Map() }
    const made = records.map((value, row) =>
      prepareRecord(
        { value, at: { line: null, row, offset: null }, raw: null },
        shape,
        state,
        mapping,
        context,
      ),
    )
    const traces = made.flatMap((result) => result.traces)
    return {
      ...blank,
      shape: shape.id,
      shapeTitle: shape.title,
      score: detectShape(records, { file: file.name, container }).score,
      mapping,
      run: traces[0]?.run ?? context.run,
      checkpoint: traces[0]?.checkpoint ?? context.checkpoint,
      traces: traces.slice(0, count).map(({ prompt, response }) => ({ prompt, response })),
      problem: made.flatMap((result) => result.rejects)[0]?.message ?? null,
    }
  } catch (thrown) {
    return { ...blank, problem: toCairnError(thrown).message }
  }
}

serve(
  reader,
  {
    async plan({ paths, base }) {
      const resolved = await resolveInputs(paths, { base, tempDir, stdin: process.stdin })
      files = [...resolved.files]
      return {
        files: files.map(({ name, path, size }) => ({ name, path, bytes: size })),
        skipped: [...resolved.skipped],
      }
    },
    preview: ({ index, overrides, records }) => preview(index, overrides, records),
    async open({ index, overrides, cursor }) {
      const planned = await plan(fileAt(index), overrides)
      batches = readBatches(planned, overrides, cursor)
      const { container, shape, mapping, run, checkpoint } = planned
      return { container, shape, mapping, run, checkpoint }
    },
    async next() {
      const step = await batches?.next()
      return step === undefined || step.done === true ? null : step.value
    },
    fingerprint({ index }) {
      const file = fileAt(index)
      const { path } = file
      // What came through a pipe lies nowhere: its contents are told apart instead.
      if (path === null) return sha256Of(file.open())
      const known = fingerprints.get(path)
      if (known !== undefined) return known
      const made = sha256Of(createReadStream(path, { highWaterMark: 1 << 20 }))
      fingerprints.set(path, made)
      return made
    },
    reread({ raw, mended, traces, container, file, shape, mapping, run, checkpoint, overrides, at }) {
      const reads = requireShape(shape)
      const context: PrepareContext = {
        run,
        checkpoint,
        runOverride: overrides.run,
        checkpointOverride: overrides.checkpoint,
        positional: reads.positional ?? false,
      }
      return reread({ container, raw, at, traces }, mended, { file, shape: reads, mapping, context })
    },
  },
  workerChannel(parentPort!),
)
