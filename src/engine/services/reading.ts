import { statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Contract, Handlers } from '#shared/contract/contract.ts'
import { agreement } from '#shared/contract/agreement.ts'
import { stats } from '#shared/contract/stats.ts'
import { traces as traceContract } from '#shared/contract/traces.ts'
import { workspace } from '#shared/contract/workspace.ts'
import { DATABASE_FILE, type Db } from '../db/connection.ts'
import { createAnnotationStore } from '../db/annotations.ts'
import { createHistograms } from '../db/histogram.ts'
import { SCHEMA_VERSION } from '../db/migrations/index.ts'
import { createOwnStore } from '../db/own.ts'
import { createSearch } from '../db/search.ts'
import { createSourceStore } from '../db/sources.ts'
import { runStats } from '../db/stats.ts'
import { createTraceStore } from '../db/traces.ts'
import { createAgreementReading } from './agreement-reading.ts'
import { createGraphReading, graphReading } from './graph-reading.ts'
import { createIdle } from './idle.ts'
import { createModelReading, modelReading } from './model-reading.ts'
import { createOwnReading, ownReading } from './own-reading.ts'
import { createSelections } from './selection.ts'
import { createVerdictReading, verdictReading } from './verdict-reading.ts'
import { createSimilarReading, similarReading } from './similar-reading.ts'

const { 'workspace.info': info, 'workspace.runs': runs } = workspace
const { 'traces.get': _get, ...lists } = traceContract

/** What may look at every trace of a workspace; it runs on threads of its own. */
export const reading = {
  ...lists,
  ...stats,
  'workspace.info': info,
  'workspace.runs': runs,
  ...graphReading,
  ...modelReading,
  ...ownReading,
  ...agreement,
  ...verdictReading,
  ...similarReading,
  /** Labels, or traces, have changed. */
  forget: { input: z.object({ changed: z.enum(['labels', 'traces']) }), output: z.null() },
} satisfies Contract

export type Reading = typeof reading

/** What a reading thread tells while it reads. */
export interface ReadingEvents {
  progress: { done: number; total: number }
  /** How many of the traces that several people labelled have been compared. */
  comparing: { done: number; total: number }
}

/**
 * Lists, searches and sums over a connection that only has to read.
 * @param tell hears how many of all traces were looked at, where that takes its time
 * @param tellComparing hears how many traces with labels of several people were compared
 */
export function createReading(
  db: Db,
  path: string,
  tell?: (done: number, total: number) => void,
  tellComparing?: (done: number, total: number) => void,
): Handlers<Reading> {
  const traces = createTraceStore(db)
  const sources = createSourceStore(db)
  const search = createSearch(db)
  const selections = createSelections(traces, search, tell)
  const histograms = createHistograms(db, (filter) => selections.ids(filter, { by: 'id', descending: false }))
  const whenIdle = createIdle()
  const annotations = createAnnotationStore(db)
  const own = createOwnReading(db, createOwnStore(db))
  const labels = db.prepare<[], { annotations: number; ownLabels: number }>(
    `SELECT (SELECT count(*) FROM annotations) AS annotations, (SELECT count(*) FROM own_labels l
       JOIN own_behaviours b ON b.id = l.behaviour_id WHERE b.removed IS NULL) AS ownLabels`,
  )
  return {
    ...createGraphReading(db, traces, annotations),
    ...createModelReading(db, traces, annotations),
    ...own.handlers,
    ...createAgreementReading({ traces, annotations, selections, tell: tellComparing }),
    ...createVerdictReading(db, traces),
    ...createSimilarReading(db, selections, tell),
    'workspace.info': () => ({
      path,
      schemaVersion: SCHEMA_VERSION,
      traces: traces.count({}),
      classified: traces.count({ classified: true }),
      ...labels.get()!,
      sources: sources.list().length,
      bytes: databaseBytes(path),
    }),
    'workspace.runs': () => sources.runs(),
    'traces.count': ({ filter }) => selections.count(filter),
    'traces.list'({ filter, sort, offset, limit }) {
      whenIdle(() => selections.prepare())
      return traces.rows(selections.page(filter, sort, offset, limit))
    },
    'traces.around'({ id, filter, sort }) {
      const ids = selections.ids(filter, sort)
      const index = ids.indexOf(id)
      return {
        index: index < 0 ? null : index,
        total: ids.length,
        previous: index < 0 ? null : (ids[index - 1] ?? null),
        next: index < 0 ? null : (ids[index + 1] ?? null),
      }
    },
    'traces.ids': ({ filter, sort, offset, limit }) =>
      selections.ids(filter, sort).slice(offset, offset + limit),
    'traces.histogram': ({ column, filter, bins }) => histograms.of(column, filter, bins),
    'traces.search': ({ query, filter, limit }) => search.best(query, filter, limit),
    'stats.runs': ({ filter, unit }) => runStats(db, filter, unit),
    forget({ changed }) {
      selections.forget(changed)
      histograms.forget(changed)
      if (changed === 'traces') own.forget()
      return null
    },
  }
}

/** Size on disk of the database with its write-ahead log, which may hold most of what is new. */
function databaseBytes(path: string): number {
  return ['', '-wal']
    .map((suffix) => statSync(join(path, DATABASE_FILE + suffix), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0)
}
