import { z } from 'zod'
import { Filter } from '#shared/contract/filter.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import type { Clock } from '../clock.ts'
import { typedDbError } from '../db/connection.ts'
import type { GraphStore } from '../db/graphs.ts'
import type { Change } from '../db/history.ts'
import type { TraceStore } from '../db/traces.ts'
import type { History } from './history.ts'
import type { JobContext, Jobs } from './jobs.ts'
import type { Readers } from './readers.ts'

/** Text measured in one go, in characters: a cancel, or a graph asked for meanwhile, waits no longer than this. */
const PAGE_CHARS = 150_000
/** Traces measured in one go at most, however short. */
const PAGE = 500

const BuildInput = z.object({ filter: Filter, force: z.boolean() })

interface Deps {
  path: string
  store: GraphStore
  traces: TraceStore
  readers: Pick<Readers, 'graphs'>
  history: History
  jobs: Jobs
  clock: Clock
}

/** Measures of graphs as a job, and people's edits. Graphs themselves are built on a thread; see `graph-reading`. */
export function createGraphs({ path, store, traces, readers, history, jobs, clock }: Deps) {
  const run = async (input: Json, { signal, report }: JobContext): Promise<Json> => {
    const { filter, force } = BuildInput.parse(input)
    const ids = await readers.graphs('graphs.pending', { filter, force })
    report({ done: 0, total: ids.length, unit: 'traces' })
    let done = 0
    const measure = (from: number) => {
      const page = readers.graphs('graphs.measure', { ids: ids.slice(from, from + PAGE), chars: PAGE_CHARS })
      page.catch(() => undefined)
      return page
    }
    // The next page is being measured while the one before it is stored.
    let page = await measure(0)
    while (page.length > 0 && !signal.aborted) {
      const following = measure(done + page.length)
      try {
        store.storeMeasures(page)
      } catch (thrown) {
        throw typedDbError(thrown, path)
      }
      done += page.length
      report({ done, traces: done })
      page = await following
    }
    return { traces: done }
  }
  jobs.register('graphs', run, 'graphs')

  const handlers: Pick<ApiHandlers, 'graphs.build' | 'graphs.edit'> = {
    'graphs.build': (input) => jobs.start('graphs', input as unknown as Json),
    'graphs.edit'({ traceId, annotator, add, remove, token }) {
      const trace = traces.get(traceId)
      if (trace === null) throw new CairnError('not_found', `There is no trace ${traceId}.`, { id: traceId })
      return history.perform({ traceId, annotator, token }, () => {
        const changes: Change[] = []
        for (const id of remove) {
          const before = store.edit(id)
          if (before === null || before.traceId !== traceId) continue
          store.removeEdit(id)
          changes.push({ kind: 'graph', before, after: null })
        }
        const { textHash } = trace
        for (const change of add) {
          const after = store.addEdit({ traceId, change, annotator, at: clock.now(), textHash })
          changes.push({ kind: 'graph', before: null, after })
        }
        return { result: store.editsOf(traceId), changes }
      })
    },
  }
  return { handlers }
}
