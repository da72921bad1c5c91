import type { ApiHandlers } from '#shared/contract/index.ts'
import { CairnError } from '#shared/errors.ts'
import { checkDatabase } from '../db/check.ts'
import type { Db } from '../db/connection.ts'
import type { SourceStore } from '../db/sources.ts'
import type { TraceStore } from '../db/traces.ts'

type TraceHandlers = Pick<
  ApiHandlers,
  'workspace.path' | 'workspace.sources' | 'workspace.check' | 'traces.get'
>

interface Deps {
  path: string
  db: Db
  traces: TraceStore
  sources: SourceStore
}

/** What is read in a moment, on the engine's own connection: a trace, the sources; and the check, which has to write. */
export function createTraces({ path, db, traces, sources }: Deps): TraceHandlers {
  return {
    'workspace.path': () => ({ path }),
    'workspace.sources': () =>
      sources
        .list()
        .map(({ id, name, path, bytes, sha256, container, shape, state, importedAt, counts }) => ({
          ...{ id, name, path, bytes, sha256, container, shape, state, importedAt },
          ...counts,
        })),
    'workspace.check': () => {
      const problems = checkDatabase(db)
      return { ok: problems.length === 0, problems }
    },
    'traces.get': ({ id }) => {
      const trace = traces.get(id)
      if (trace === null) throw new CairnError('not_found', `There is no trace ${id}.`, { id })
      return { ...trace, sourceName: sources.get(trace.sourceId)?.name ?? '' }
    },
  }
}
