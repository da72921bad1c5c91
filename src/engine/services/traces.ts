import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { CairnError } from '#shared/errors.ts'
import type { AnnotationStore } from '../db/annotations.ts'
import { checkDatabase } from '../db/check.ts'
import { DATABASE_FILE, type Db } from '../db/connection.ts'
import { histogram } from '../db/histogram.ts'
import { SCHEMA_VERSION } from '../db/migrations/index.ts'
import { searchTraces } from '../db/search.ts'
import type { SourceStore } from '../db/sources.ts'
import { runStats } from '../db/stats.ts'
import type { TraceStore } from '../db/traces.ts'
import type { Selections } from './selection.ts'

type TraceHandlers = Pick<
  ApiHandlers,
  | 'workspace.info'
  | 'workspace.sources'
  | 'workspace.runs'
  | 'workspace.check'
  | 'traces.count'
  | 'traces.list'
  | 'traces.around'
  | 'traces.histogram'
  | 'traces.get'
  | 'traces.search'
  | 'stats.runs'
>

interface Deps {
  db: Db
  path: string
  traces: TraceStore
  sources: SourceStore
  annotations: AnnotationStore
  selections: Selections
}

/** Everything that only reads: the workspace's inventory, traces, search, statistics. */
export function createReading({ db, path, traces, sources, annotations, selections }: Deps): TraceHandlers {
  return {
    'workspace.info': () => ({
      path,
      schemaVersion: SCHEMA_VERSION,
      traces: traces.count({}),
      classified: traces.count({ classified: true }),
      annotations: annotations.count(),
      sources: sources.list().length,
      bytes: statSync(join(path, DATABASE_FILE)).size,
    }),
    'workspace.sources': () =>
      sources
        .list()
        .map(({ id, name, path, bytes, sha256, container, shape, state, importedAt, counts }) => ({
          ...{ id, name, path, bytes, sha256, container, shape, state, importedAt },
          ...counts,
        })),
    'workspace.runs': () => sources.runs(),
    'workspace.check': () => {
      const problems = checkDatabase(db)
      return { ok: problems.length === 0, problems }
    },
    'traces.count': ({ filter }) => traces.count(filter),
    'traces.list': ({ filter, sort, offset, limit }) =>
      traces.rows(selections.ids(filter, sort).subarray(offset, offset + limit)),
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
    'traces.histogram': ({ column, filter, bins }) => histogram(db, column, filter, bins),
    'traces.get': ({ id }) => {
      const trace = traces.get(id)
      if (trace === null) throw new CairnError('not_found', `There is no trace ${id}.`, { id })
      return { ...trace, sourceName: sources.get(trace.sourceId)?.name ?? '' }
    },
    'traces.search': ({ query, filter, limit }) => searchTraces(db, query, filter, limit),
    'stats.runs': ({ filter, unit }) => runStats(db, filter, unit),
  }
}
