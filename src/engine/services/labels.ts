import { createHash } from 'node:crypto'
import type { Emit } from '#shared/contract/events.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import type { Annotation, LabelImport } from '#shared/contract/labels.ts'
import { BEHAVIOUR_STYLE, type Behaviour } from '#shared/domain/behaviours.ts'
import { countBehaviours } from '#shared/domain/counts.ts'
import { fromLabelledRow, labelRowKind } from '#shared/domain/interchange/labelled.ts'
import { fromInterchange } from '#shared/domain/interchange/read.ts'
import type { InterchangeTrace } from '#shared/domain/interchange/types.ts'
import { decodeProbabilities, encodeProbabilities } from '#shared/domain/step-codec.ts'
import { toStored } from '#shared/domain/surrogates.ts'
import type { Json, Span } from '#shared/domain/trace.ts'
import { CairnError, toCairnError } from '#shared/errors.ts'
import type { Clock } from '../clock.ts'
import type { AnnotationStore } from '../db/annotations.ts'
import type { ClassificationStore } from '../db/classification.ts'
import type { Db } from '../db/connection.ts'
import type { FullTrace, TraceStore } from '../db/traces.ts'
import { createTraceMatcher } from './label-match.ts'
import { readLines } from './lines.ts'
import type { History } from './history.ts'

interface Deps {
  db: Db
  traces: TraceStore
  annotations: AnnotationStore
  classifications: ClassificationStore
  history: History
  clock: Clock
  emit: Emit
}

/** Rows of a label file looked up and written together. */
const PAGE = 2000
const PROBLEMS_SHOWN = 20

export function createLabels({ db, traces, annotations, classifications, history, clock, emit }: Deps) {
  const requireTrace = (id: number): FullTrace => {
    const trace = traces.get(id)
    if (trace === null) throw new CairnError('not_found', `There is no trace ${id}.`, { id })
    return trace
  }
  const requireAnnotation = (id: number): Annotation => {
    const annotation = annotations.get(id)
    if (annotation === null) throw new CairnError('not_found', `There is no annotation ${id}.`, { id })
    return annotation
  }
  const requireInside = (span: Span, trace: FullTrace, what: string) => {
    if (span.end > trace.response.length)
      throw new CairnError(
        'bad_request',
        `The ${what} ends at ${span.end}, past the end of trace ${trace.row.id} (${trace.response.length} UTF-16 units).`,
        { end: span.end, length: trace.response.length },
      )
  }

  /** Attaches what a row holds to its traces. */
  const attach = (
    row: InterchangeTrace,
    ids: readonly number[],
    hash: string,
    result: LabelImport,
    labelled: Set<number>,
  ) => {
    for (const traceId of ids) {
      for (const { at, ...annotation } of row.annotations) {
        const { added } = annotations.add({ ...annotation, traceId, at: at ?? clock.now(), textHash: hash })
        if (added) {
          result.added++
          labelled.add(traceId)
        } else result.duplicates++
      }
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

  const handlers: Pick<
    ApiHandlers,
    'labels.list' | 'labels.add' | 'labels.update' | 'labels.remove' | 'labels.import'
  > = {
    'labels.list': ({ traceId }) => annotations.ofTrace(traceId),

    'labels.add'({ traceId, span, behaviour, verdict, annotator, target, note }) {
      const trace = requireTrace(traceId)
      requireInside(span, trace, 'span')
      if (target !== null) requireInside(target, trace, 'target')
      return history.perform(titleOf(behaviour, verdict), traceId, () => {
        const { annotation, added } = annotations.add({
          traceId,
          start: span.start,
          end: span.end,
          behaviour,
          verdict,
          annotator,
          at: clock.now(),
          textHash: trace.textHash,
          target,
          note,
        })
        return {
          result: annotation,
          changes: added ? [{ kind: 'annotation', before: null, after: annotation }] : [],
        }
      })
    },

    'labels.update'({ id, span, ...given }) {
      const before = requireAnnotation(id)
      const trace = requireTrace(before.traceId)
      const changed = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
      const after: Annotation = { ...before, ...span, ...changed }
      requireInside(after, trace, 'span')
      if (after.target !== null) requireInside(after.target, trace, 'target')
      return history.perform(`change ${titleOf(after.behaviour, after.verdict)}`, after.traceId, () => {
        annotations.put(after)
        return { result: after, changes: [{ kind: 'annotation', before, after }] }
      })
    },

    'labels.remove'({ id }) {
      const before = annotations.get(id)
      if (before === null) return { removed: false }
      return history.perform(`remove ${titleOf(before.behaviour, before.verdict)}`, before.traceId, () => {
        annotations.remove(id)
        return { result: { removed: true }, changes: [{ kind: 'annotation', before, after: null }] }
      })
    },

    async 'labels.import'({ path }) {
      const result: LabelImport = {
        read: 0,
        unmatched: 0,
        invalid: 0,
        added: 0,
        duplicates: 0,
        predictions: 0,
        problems: [],
      }
      const match = createTraceMatcher()
      const store = (rows: readonly LabelRow[]) => {
        for (const traceId of attachPage(rows, match, result)) emit('labels.changed', { traceId })
      }
      let page: LabelRow[] = []
      let line = 0
      for await (const text of readLines(path)) {
        line++
        if (text.trim() === '') continue
        result.read++
        try {
          page.push(readRow(text))
        } catch (thrown) {
          result.invalid++
          if (result.problems.length < PROBLEMS_SHOWN)
            result.problems.push(`${path}:${line}: ${toCairnError(thrown).message}`)
        }
        if (page.length >= PAGE) {
          store(page)
          page = []
        }
      }
      store(page)
      if (result.predictions > 0) emit('traces.changed', { reason: 'classify' })
      return result
    },
  }
  return { handlers }
}

/** A change in words, for the history. */
function titleOf(behaviour: Behaviour, verdict: Annotation['verdict']): string {
  const { name } = BEHAVIOUR_STYLE[behaviour]
  return verdict === 'present' ? `label ${name}` : `rejection of ${name}`
}

interface LabelRow {
  row: InterchangeTrace
  /** Of the row's text. */
  hash: string
}

function readRow(text: string): LabelRow {
  const row = parseRow(text)
  const hash = hashOf(row.response)
  if (row.textHash !== null && row.textHash !== hash)
    throw new CairnError('bad_request', 'text_hash is not the hash of text: the row was changed or torn')
  return { row, hash }
}

function parseRow(text: string): InterchangeTrace {
  let row: Json
  try {
    row = JSON.parse(text) as Json
  } catch (cause) {
    throw new CairnError('bad_request', `the line is not JSON (${(cause as Error).message})`)
  }
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
