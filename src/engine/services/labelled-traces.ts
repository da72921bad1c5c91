import { statSync } from 'node:fs'
import type { Annotation } from '#shared/contract/labels.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { markedSteps } from '#shared/domain/evaluation/align.ts'
import { UNKNOWN_LABEL } from '#shared/domain/evaluation/evaluate.ts'
import { readLabelledTrace, type LabelledTrace } from '#shared/domain/evaluation/labelled-trace.ts'
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

/** The traces of a label file. */
export function fromFile(path: string): LabelSource {
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
          yield { ...place, trace: readLabelledTrace(parse(text)), problem: '' }
        } catch (thrown) {
          if (!(thrown instanceof CairnError)) throw thrown
          yield { ...place, trace: null, problem: `line ${line}: ${thrown.message}` }
        }
      }
    },
  }
}

/**
 * The traces of the workspace that carry labels, each as labelled throughout, or with `judged` only where somebody
 * has judged a step: one with a label of any behaviour is judged for all, one that is denied a behaviour for that.
 */
export function fromWorkspace(
  traces: TraceStore,
  annotations: AnnotationStore,
  judged: boolean,
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
        const { row, response } = found
        const bounds = found.bounds ?? segment(response)
        const own = annotations.ofTrace(traceId)
        const labels = judgedLabels(bounds, own, judged)
        const trace = { source: row.run, problem: row.prompt, prompt: row.prompt, response, bounds, labels }
        yield { trace, line: null, traceId, problem: '', done: index + 1 }
      }
    },
  }
}

/**
 * What labels say of each step: 0, 1, or with `judged` `UNKNOWN_LABEL` where nobody has judged it. Steps × behaviours.
 * @param bounds `[start0, end0, …]`, UTF-16
 */
export function judgedLabels(bounds: Uint32Array, own: readonly Annotation[], judged: boolean): Uint8Array {
  const labels = new Uint8Array((bounds.length / 2) * BEHAVIOURS.length)
  for (const [column, behaviour] of BEHAVIOURS.entries()) {
    const seen = own.filter((one) => one.behaviour === behaviour && one.verdict === 'present')
    const said = own.filter((one) => one.behaviour === behaviour || one.verdict === 'present')
    const looked = markedSteps(bounds, said)
    markedSteps(bounds, seen).forEach((marked, step) => {
      const known = marked === 1 || !judged || looked[step] === 1
      labels[step * BEHAVIOURS.length + column] = known ? marked : UNKNOWN_LABEL
    })
  }
  return labels
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw new CairnError('bad_request', `it is not JSON: ${(cause as Error).message}`)
  }
}
