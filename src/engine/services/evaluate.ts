import { statSync } from 'node:fs'
import { EvaluateInput, type EvaluationResult } from '#shared/contract/models.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { carryOver } from '#shared/domain/evaluation/align.ts'
import { evaluate, type EvaluatedTrace } from '#shared/domain/evaluation/evaluate.ts'
import { readLabelledTrace, type LabelledTrace } from '#shared/domain/evaluation/labelled-trace.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import type { InferenceHost } from '../inference/host.ts'
import { findModel } from '../inference/models.ts'
import type { ClassifiedBatch } from '../inference/protocol.ts'
import type { JobContext, Jobs } from './jobs.ts'
import { readLines } from './lines.ts'

/** Text per batch, in UTF-16 units. */
const BATCH_CHARS = 400_000
/** Problems of a file that are told of. */
const PROBLEMS = 20

/** Measures models against label files. */
export function createEvaluate({
  jobs,
  inference,
  modelsDir,
}: {
  jobs: Jobs
  inference: InferenceHost
  modelsDir: string
}) {
  const run = async (input: Json, { signal, report }: JobContext): Promise<Json> => {
    const { labels: path, model: modelId, device } = EvaluateInput.parse(input)
    const model = findModel(modelsDir, modelId)
    const { provider } = await inference.load(model.path, device)
    const problems: string[] = []
    const traces: EvaluatedTrace[] = []
    let [invalid, line, same, read] = [0, 0, 0, 0]
    let batch: LabelledTrace[] = []
    let chars = 0
    const flush = async () => {
      if (batch.length === 0) return
      const classified = await inference.classify(batch)
      for (const [trace, bounds, probabilities] of unpack(batch, classified)) {
        traces.push({
          ...trace,
          probabilities: carryOver(bounds, probabilities, BEHAVIOURS.length, trace.bounds),
        })
        same += sameSteps(trace.bounds, bounds)
      }
      report({ done: read, traces: traces.length })
      batch = []
      chars = 0
    }
    report({
      total: statSync(path, { throwIfNoEntry: false })?.size ?? null,
      note: `${model.id} ${model.version}`,
    })
    for await (const text of readLines(path)) {
      if (signal.aborted) break
      line++
      read += Buffer.byteLength(text) + 1
      if (text.trim() === '') continue
      try {
        batch.push(readLabelledTrace(parse(text)))
      } catch (thrown) {
        if (!(thrown instanceof CairnError)) throw thrown
        invalid++
        if (problems.length < PROBLEMS) problems.push(`line ${line}: ${thrown.message}`)
        continue
      }
      chars += batch.at(-1)!.response.length
      if (chars >= BATCH_CHARS) await flush()
    }
    await flush()
    if (traces.length === 0)
      throw new CairnError(
        'bad_request',
        `${path} holds no labelled traces${problems[0] === undefined ? '.' : `: ${problems[0]}`}`,
        { path },
      )
    const result: EvaluationResult = {
      model: model.id,
      version: model.version,
      provider,
      thresholds: Object.fromEntries(
        BEHAVIOURS.map((behaviour, index) => [behaviour, model.thresholds[index]!]),
      ) as EvaluationResult['thresholds'],
      same_steps: same,
      invalid,
      problems,
      ...evaluate(traces, model.thresholds),
    }
    return result
  }
  jobs.register('evaluate', run)

  const handlers: Pick<ApiHandlers, 'models.evaluate'> = {
    'models.evaluate': (input) => jobs.start('evaluate', input as unknown as Json),
  }
  return { handlers }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw new CairnError('bad_request', `it is not JSON: ${(cause as Error).message}`)
  }
}

function* unpack(
  traces: readonly LabelledTrace[],
  { bounds, steps, probabilities }: ClassifiedBatch,
): Generator<[LabelledTrace, Uint32Array, Float32Array]> {
  let step = 0
  for (const [index, trace] of traces.entries()) {
    const end = step + steps[index]!
    yield [
      trace,
      bounds.subarray(step * 2, end * 2),
      probabilities.subarray(step * BEHAVIOURS.length, end * BEHAVIOURS.length),
    ]
    step = end
  }
}

function sameSteps(left: Uint32Array, right: Uint32Array): number {
  const known = new Map<number, number>()
  for (let at = 0; at < right.length; at += 2) known.set(right[at]!, right[at + 1]!)
  let same = 0
  for (let at = 0; at < left.length; at += 2) if (known.get(left[at]!) === left[at + 1]) same++
  return same
}
