import { createHash } from 'node:crypto'
import type { Emit } from '#shared/contract/events.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import type { Annotation, LabelImport } from '#shared/contract/labels.ts'
import { countBehaviours } from '#shared/domain/counts.ts'
import { isLater, lastSaid, timesSaid } from '#shared/domain/last-said.ts'
import { fromLabelledRow, labelRowKind } from '#shared/domain/interchange/labelled.ts'
import { fromInterchange } from '#shared/domain/interchange/read.ts'
import type { InterchangeTrace } from '#shared/domain/interchange/types.ts'
import { decodeProbabilities, encodeProbabilities } from '#shared/domain/step-codec.ts'
import { toStored } from '#shared/domain/surrogates.ts'
import { CairnError, toCairnError } from '#shared/errors.ts'
import type { Clock } from '../clock.ts'
import type { AnnotationStore } from '../db/annotations.ts'
import type { ClassificationStore } from '../db/classification.ts'
import type { Db } from '../db/connection.ts'
import type { Change } from '../db/history.ts'
import type { OwnStore } from '../db/own.ts'
import type { TraceStore } from '../db/traces.ts'
import type { ContainerItem } from '../importers/types.ts'
import { createBreath } from './breath.ts'
import type { History } from './history.ts'
import { createTraceMatcher } from './label-match.ts'
import { createOwnImport } from './own-import.ts'
import { labelItems } from './label-items.ts'

interface Deps {
  db: Db
  traces: TraceStore
  annotations: AnnotationStore
  classifications: ClassificationStore
  own: OwnStore
  history: Pick<History, 'remember'>
  clock: Clock
  emit: Emit
  /** Where pipes are copied to. */
  tempDir: string
}

/** Rows of a label file looked up and written together, and characters of their texts: others wait no longer than that. */
const PAGE = 200
const PAGE_CHARACTERS = 1 << 20
const PROBLEMS_SHOWN = 20

/** Reads label files and attaches what they hold to the traces with the same text. */
export function createLabelImport({
  db,
  traces,
  annotations,
  classifications,
  own,
  history,
  clock,
  emit,
  tempDir,
}: Deps): Pick<ApiHandlers, 'labels.import'> {
  const attachOwn = createOwnImport({ own, traces, history, clock })
  /**
   * Attaches a label, of which its person last said so at `lastAt`, unless they say otherwise later; an earlier one of
   * theirs gives way. One that is there is as new as it was said last, so that the order of files makes no difference.
   */
  const attachLabel = (
    { at, ...label }: Omit<Annotation, 'id' | 'at'> & { at: string | null },
    lastAt: string | null,
    result: LabelImport,
  ): Change[] => {
    const dated = { ...label, at: at ?? clock.now() }
    const contrary = annotations.contrary(dated)
    if (contrary.some((one) => !isLater(lastAt, one.at))) {
      result.outdated++
      return []
    }
    const { annotation, added } = annotations.add(dated)
    const newer = at !== null && isLater(at, annotation.at) ? { ...annotation, at } : null
    if (newer !== null) annotations.put(newer)
    for (const { id } of contrary) annotations.remove(id)
    result[added ? 'added' : 'duplicates']++
    result.replaced += contrary.length
    return [
      ...(added ? [{ kind: 'annotation' as const, before: null, after: annotation }] : []),
      ...(newer !== null ? [{ kind: 'annotation' as const, before: annotation, after: newer }] : []),
      ...contrary.map((before) => ({ kind: 'annotation' as const, before, after: null })),
    ]
  }

  /** Attaches what a row holds to its traces. */
  const attach = (
    row: InterchangeTrace,
    ids: readonly number[],
    hash: string,
    result: LabelImport,
    labelled: Set<number>,
  ) => {
    const last = lastSaid(row.annotations)
    const times = timesSaid(last)
    for (const traceId of ids) {
      result.outdated += row.annotations.length - last.length
      const changes = last.map((label, index) =>
        attachLabel({ ...label, traceId, textHash: hash }, times[index]!, result),
      )
      if (changes.some((one) => one.length > 0)) labelled.add(traceId)
      // Labels that are only added, or said again, stay out of the way of what people undo.
      const replacing = changes.filter((one) => one.some(({ after }) => after === null))
      history.remember({ traceId, annotator: null }, replacing.flat())
      if (
        row.prediction !== null &&
        row.bounds !== null &&
        row.segmenter !== null &&
        !classifications.has(traceId)
      ) {
        const { model, version, probabilities } = row.prediction
        const { id, thresholds } = classifications.namedModel(model, version, row.prediction.thresholds)
        const stored = decodeProbabilities(encodeProbabilities(probabilities))
        classifications.store(id, row.segmenter, [
          { traceId, bounds: row.bounds, probabilities: stored, ...countBehaviours(stored, thresholds) },
        ])
        result.predictions++
      }
      if (attachOwn(row, traceId, hash, result)) labelled.add(traceId)
    }
  }

  /** Answers the traces that got annotations. */
  const attachPage = db.transaction(
    (rows: readonly LabelRow[], match: ReturnType<typeof createTraceMatcher>, result: LabelImport) => {
      const found = traces.byTextHash(new Set(rows.map(({ hash }) => hash)))
      const labelled = new Set<number>()
      for (const { row, hash } of rows) {
        const same = found.get(hash)
        if (same === undefined) result.unmatched++
        else attach(row, match(row, hash, same), hash, result, labelled)
      }
      return labelled
    },
  )

  return {
    async 'labels.import'({ path }) {
      const result: LabelImport = {
        read: 0,
        unmatched: 0,
        invalid: 0,
        added: 0,
        duplicates: 0,
        replaced: 0,
        outdated: 0,
        predictions: 0,
        own: { behaviours: 0, added: 0, duplicates: 0, predictions: 0 },
        problems: [],
      }
      const match = createTraceMatcher()
      const breathe = createBreath()
      const store = (rows: readonly LabelRow[]) => {
        for (const traceId of attachPage(rows, match, result)) emit('labels.changed', { traceId })
      }
      traces.indexTexts()
      try {
        let page: LabelRow[] = []
        let characters = 0
        for await (const item of labelItems(path, tempDir)) {
          result.read++
          try {
            const read = readRow(item)
            page.push(read)
            characters += read.row.response.length
          } catch (thrown) {
            result.invalid++
            if (result.problems.length < PROBLEMS_SHOWN)
              result.problems.push(`${path}:${placeOf(item)}: ${toCairnError(thrown).message}`)
          }
          if (page.length >= PAGE || characters >= PAGE_CHARACTERS) {
            store(page)
            page = []
            characters = 0
            await breathe()
          }
        }
        store(page)
      } finally {
        // Pages before one that broke off are stored.
        if (result.predictions + result.own.predictions > 0) emit('traces.changed', { reason: 'classify' })
        if (result.own.behaviours + result.own.added > 0) emit('own.changed', {})
      }
      return result
    },
  }
}

interface LabelRow {
  row: InterchangeTrace
  /** Of the row's text. */
  hash: string
}

function placeOf(item: ContainerItem): number | string {
  const { line, row } = 'record' in item ? item.record.at : item.reject.at
  return line ?? `row ${row + 1}`
}

function readRow(item: ContainerItem): LabelRow {
  const row = parseRow(item)
  const hash = hashOf(row.response)
  if (row.textHash !== null && row.textHash !== hash)
    throw new CairnError('bad_request', 'text_hash is not the hash of text: the row was changed or torn')
  return { row, hash }
}

function parseRow(item: ContainerItem): InterchangeTrace {
  if ('reject' in item) throw new CairnError('bad_request', item.reject.message)
  const row = item.record.value
  const kind = labelRowKind(row)
  if (kind === 'interchange') return fromInterchange(row)
  if (kind === 'labelled') return fromLabelledRow(row)
  throw new CairnError(
    'bad_request',
    'the row is neither an annotation export nor has it steps and annotations',
  )
}

/** As traces are hashed at import: SHA-256 of the UTF-8 bytes, hex. */
function hashOf(text: string): string {
  return createHash('sha256').update(toStored(text).text).digest('hex')
}
