import { resolve } from 'node:path'
import { ExportInput } from '#shared/contract/exports.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { segment, SEGMENTER_VERSION } from '#shared/domain/segment/index.ts'
import type { Json } from '#shared/domain/trace.ts'
import type { AnnotationStore } from '../db/annotations.ts'
import type { SourceStore } from '../db/sources.ts'
import type { OwnStore } from '../db/own.ts'
import type { FullTrace, TraceStore } from '../db/traces.ts'
import { exportTraces } from '../exporters/index.ts'
import type { ExportTrace } from '../exporters/types.ts'
import type { JobContext, Jobs } from './jobs.ts'
import { snapshotOf, type Snapshot } from './snapshot.ts'

interface Deps {
  jobs: Jobs
  traces: TraceStore
  sources: SourceStore
  annotations: AnnotationStore
  own: OwnStore
  /** Of Cairn, for manifests. */
  version: string
}

/** Traces read at once while exporting: enough to stream, few enough to stay flat in memory. */
const PAGE = 200

export function createExports({ jobs, traces, sources, annotations, own, version }: Deps) {
  const run = async (input: Json, { signal, report }: JobContext): Promise<Json> => {
    const { filter, format, container, path, offsetUnit, overwrite } = ExportInput.parse(input)
    const selected = snapshotOf(traces, filter, PAGE)
    report({ total: selected.total, unit: 'traces' })
    const result = await exportTraces({
      traces: pages(selected, signal),
      format,
      container,
      path: resolve(path),
      offsetUnit,
      overwrite,
      manifest: {
        cairn: version,
        filter: filter as Json,
        sources: traces.sourceIds(filter).map((id) => {
          const { name, bytes, sha256 } = sources.get(id)!
          return { name, bytes, sha256 }
        }),
      },
      signal,
      onProgress: ({ rows }) => {
        report({ done: rows, traces: rows })
      },
    })
    return { ...result, path: resolve(path) }
  }

  async function* pages(selected: Snapshot, signal: AbortSignal): AsyncGenerator<readonly ExportTrace[]> {
    for (const page of selected.pages()) {
      if (signal.aborted) return
      yield page.map(toExport)
      await new Promise(setImmediate)
    }
  }

  const toExport = (trace: FullTrace): ExportTrace => withOwn(trace, own.ofTrace(trace.row.id))
  const withOwn = (trace: FullTrace, ofPeople: ExportTrace['own']): ExportTrace => ({
    id: trace.row.id,
    run: trace.row.run,
    checkpoint: trace.row.checkpoint,
    key: trace.row.key,
    sample: trace.row.sample,
    prompt: trace.row.prompt,
    messages: trace.messages,
    response: trace.response,
    reference: trace.reference,
    reward: trace.row.reward,
    correct: trace.row.correct,
    verdict: trace.verdict,
    truncated: trace.row.truncated,
    tokens: trace.row.tokens,
    metadata: trace.metadata,
    textHash: trace.textHash,
    ...stepsOf(trace, ofPeople),
    prediction: trace.prediction,
    annotations: trace.row.annotations === 0 ? [] : annotations.ofTrace(trace.row.id),
    own: ofPeople,
  })

  jobs.register('export', run)
  const handlers: Pick<ApiHandlers, 'exports.start'> = {
    'exports.start': (input) => jobs.start('export', input as unknown as Json),
  }
  return { handlers }
}

/** Steps of a trace; what heads of people's own say of a trace that is not classified is of the segmenter's. */
function stepsOf(
  { bounds, segmenter, response }: FullTrace,
  { predictions }: ExportTrace['own'],
): Pick<ExportTrace, 'bounds' | 'segmenter'> {
  return bounds === null && predictions.length > 0
    ? { bounds: segment(response), segmenter: SEGMENTER_VERSION }
    : { bounds, segmenter }
}
