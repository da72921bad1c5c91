import { statSync } from 'node:fs'
import { judgedLabels, type Said } from '#shared/domain/evaluation/judged.ts'
import { readLabelledTrace, type LabelledTrace } from '#shared/domain/evaluation/labelled-trace.ts'
import { problemKey } from '#shared/domain/problems/group.ts'
import { segment } from '#shared/domain/segment/index.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import type { AnnotationStore } from '../db/annotations.ts'
import type { TraceStore } from '../db/traces.ts'
import { readLines } from './lines.ts'

/** A labelled trace and where it stands; `trace` null where the line holds none, for the reason told. */
export interface LabelledItem {
  trace: LabelledTrace | null
  line: number | null
  traceId: number | null
  problem: string
  /** How far the reading has come, in the unit of the source's total. */
  done: number
}

export interface LabelSource {
  total: number | null
  unit: 'bytes' | 'traces'
  items(): AsyncGenerator<LabelledItem>
}

/**
 * The traces of a label file.
 * @param judged of an export of Cairn's only steps count that somebody has judged; else every step of every row
 */
export function fromFile(path: string, judged: boolean): LabelSource {
  return {
    total: statSync(path, { throwIfNoEntry: false })?.size ?? null,
    unit: 'bytes',
    async *items() {
      let [line, done] = [0, 0]
      for await (const text of readLines(path)) {
        line++
        done += Buffer.byteLength(text) + 1
        if (text.trim() === '') continue
        const place = { line, traceId: null, done }
        try {
          const trace = readLabelledTrace(parse(text), judged)
          if (trace !== null) yield { ...place, trace, problem: '' }
        } catch (thrown) {
          if (!(thrown instanceof CairnError)) throw thrown
          yield { ...place, trace: null, problem: `line ${line}: ${thrown.message}` }
        }
      }
    },
  }
}

/**
 * The traces of the workspace that carry labels, each with what these say of its steps.
 * @param read what labels say: steps × behaviours
 */
export function fromWorkspace(
  traces: TraceStore,
  annotations: AnnotationStore,
  read: (bounds: Uint32Array, labels: readonly Said[]) => Uint8Array,
): LabelSource {
  const ids = annotations.labelledTraces()
  return {
    total: ids.length,
    unit: 'traces',
    async *items() {
      for (const [index, traceId] of ids.entries()) {
        // The engine answers others between two traces.
        if (index % 20 === 0) await new Promise((resolve) => setImmediate(resolve))
        const found = traces.get(traceId)
        if (found === null) continue
        const { row, response, textHash } = found
        const bounds = found.bounds ?? segment(response)
        const labels = read(bounds, annotations.ofTrace(traceId))
        const problem = problemKey(row.prompt, row.key, textHash)
        const trace = { source: row.run, problem, prompt: row.prompt, response, bounds, labels }
        yield { trace, line: null, traceId, problem: '', done: index + 1 }
      }
    },
  }
}

/** Every step of a trace that carries labels counts as judged. */
export const throughout = (bounds: Uint32Array, labels: readonly Said[]): Uint8Array =>
  judgedLabels(bounds, labels, false)

/** Only steps count that somebody has judged. */
export const whereJudged = (bounds: Uint32Array, labels: readonly Said[]): Uint8Array =>
  judgedLabels(bounds, labels, true)

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw new CairnError('bad_request', `it is not JSON: ${(cause as Error).message}`)
  }
}
