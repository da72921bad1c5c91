/**
 * How much a user's labels teach: F1 against the number of labels, on steps of other problems of the same source.
 *
 *   node tools/learning/curve.ts LABELLED.jsonl [--rounds 12] [--json OUT.json] [--without HEAD …] [--only LEARNER …]
 *
 * For each source and each simulated annotator the problems are split in two halves again and again: steps of one half
 * are labelled, at random or as the queue asks for them, and F1 is measured on the other half. Everything that learns is
 * the app's own code; a label judges all behaviours of a step.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadClassifier } from '#engine/inference/classifier.ts'
import { readManifest } from '#engine/inference/models.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { confuse, f1Of } from '#shared/domain/evaluation/scores.ts'
import { readLabelledTrace } from '#shared/domain/evaluation/labelled-trace.ts'
import { disagreement, pickDiverse, type Candidate } from '#shared/domain/learning/queue.ts'
import { priorWeights, reweight, uniformWeights } from '#shared/domain/learning/reweight.ts'
import { seeded } from '#shared/domain/random.ts'
import type { Json } from '#shared/domain/trace.ts'
import { ANNOTATORS } from './annotators.ts'
import { createLearners, type Steps } from './learners.ts'

const COUNTS = [0, 5, 10, 20, 50, 100]
const WIDTH = BEHAVIOURS.length
/** Labels that are made before the queue is asked again. */
const ASKED_AT_ONCE = 5

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '12' },
    json: { type: 'string' },
    without: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', multiple: true, default: [] },
    model: { type: 'string', default: 'resources/models/cairn-accurate' },
  },
})

interface Read extends Steps {
  source: string
  problem: string
  texts: string[]
  given: Uint8Array
}

const manifest = readManifest(values.model)
if (manifest.kind !== 'encoder' || manifest.heads === undefined)
  throw new Error(`${values.model} has no heads`)
const kept = manifest.heads.names.flatMap((name, head) => (values.without.includes(name) ? [] : [head]))
const thresholds = BEHAVIOURS.map((behaviour) => manifest.thresholds[behaviour])
const traces = await readTraces(positionals[0]!)
const learners = createLearners(kept.length, manifest.heads.width, thresholds).filter(
  ({ name }) => values.only.length === 0 || values.only.includes(name),
)
const rows: Record<string, string | number>[] = []
for (const source of [...new Set(traces.map((trace) => trace.source))].sort())
  for (const annotator of ANNOTATORS) {
    const own = traces.filter((trace) => trace.source === source)
    const labelled = own.map((trace) => ({ ...trace, labels: labelsOf(trace, annotator) }))
    const problems = [...new Set(own.map(({ problem }) => problem))]
    const sums = new Map<string, number[][]>()
    for (let round = 0; round < Number(values.rounds); round++) {
      const random = seeded(round + 1)
      const shuffled = shuffle(problems, random)
      const taught = new Set(shuffled.slice(0, Math.ceil(shuffled.length / 2)))
      const pool = joined(labelled.filter(({ problem }) => taught.has(problem)))
      const rest = joined(labelled.filter(({ problem }) => !taught.has(problem)))
      const orders = { random: shuffle([...pool.texts.keys()], random), queue: queueOrder(pool) }
      for (const learner of learners)
        for (const [name, order] of Object.entries(orders)) {
          if (name === 'queue' && !learner.queued) continue
          const key = `${learner.name}${name === 'queue' ? ', queue' : ''}`
          const per = COUNTS.map((count) => {
            const said = learner.learn(chosen(pool, order.slice(0, count)), rest, pool)
            const each = annotator.columns.flatMap((column) => {
              const labels = columnOf(rest.labels, column)
              const f1 = f1Of(
                confuse(
                  labels,
                  Float32Array.from(columnOf(said.probabilities, column)),
                  said.thresholds[column]!,
                ),
              )
              return labels.includes(1) ? [f1 ?? 0] : []
            })
            return each.reduce((sum, f1) => sum + f1, 0) / Math.max(1, each.length)
          })
          sums.set(key, [...(sums.get(key) ?? []), per])
        }
    }
    for (const [learner, all] of sums) {
      const means = COUNTS.map((_, at) => all.reduce((sum, per) => sum + per[at]!, 0) / all.length)
      rows.push({
        source,
        annotator: annotator.name,
        learner,
        ...Object.fromEntries(COUNTS.map((n, at) => [String(n), Number(means[at]!.toFixed(3))])),
      })
      console.log(
        `| ${source} | ${annotator.name} | ${learner} | ${means.map((f1) => f1.toFixed(3)).join(' | ')} |`,
      )
    }
  }
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`)

async function readTraces(path: string): Promise<Read[]> {
  const classifier = await loadClassifier({ modelDir: values.model, device: 'cpu', threads: 1 })
  const all: Read[] = []
  for (const line of readFileSync(join(path), 'utf8').split('\n')) {
    if (line === '') continue
    const trace = readLabelledTrace(JSON.parse(line) as Json)
    if (trace === null) continue
    const [look] = await classifier.look([trace])
    const { bounds, response, source, problem, labels } = trace
    const texts = Array.from({ length: bounds.length / 2 }, (_, step) =>
      response.slice(bounds[step * 2], bounds[step * 2 + 1]),
    )
    all.push({
      source,
      problem,
      texts,
      given: labels,
      labels,
      features: look!.features,
      logits: only(look!.logits),
    })
  }
  await classifier.release()
  return all
}

/** Logits of the heads that are kept. */
function only(logits: Float32Array): Float32Array {
  const heads = manifest.kind === 'encoder' ? manifest.heads!.names.length : 0
  const steps = logits.length / heads / WIDTH
  const out = new Float32Array(steps * kept.length * WIDTH)
  for (let step = 0; step < steps; step++)
    kept.forEach((head, at) => {
      const from = (step * heads + head) * WIDTH
      out.set(logits.subarray(from, from + WIDTH), (step * kept.length + at) * WIDTH)
    })
  return out
}

function labelsOf(trace: Read, annotator: (typeof ANNOTATORS)[number]): Uint8Array {
  const labels = trace.given.slice()
  for (const column of annotator.columns)
    annotator
      .label(columnOf<Uint8Array>(trace.given, column), trace.texts, column)
      .forEach((value, step) => (labels[step * WIDTH + column] = value))
  return labels
}

function columnOf<T extends Uint8Array | Float32Array>(all: T, column: number): T {
  return all.filter((_, at) => at % WIDTH === column) as T
}

/** The order in which the queue asks, five steps at a time, with the answers that it gets. */
function queueOrder(pool: Steps & { texts: string[]; trace: number[] }): number[] {
  const order: number[] = []
  const known = new Set<string>()
  let weights = priorWeights(kept.length)
  while (order.length < COUNTS.at(-1)! && order.length < pool.texts.length) {
    const apart = disagreement(pool.logits, order.length === 0 ? uniformWeights(kept.length) : weights)
    const left = [...pool.texts.keys()].filter((step) => !order.includes(step))
    const width = pool.features.length / pool.texts.length
    const candidates = left.map((step): Candidate => ({
      trace: pool.trace[step]!,
      text: pool.texts[step]!,
      disagreement: apart[step]!,
      features: pool.features.subarray(step * width, (step + 1) * width),
    }))
    const best = candidates
      .map((_, at) => at)
      .sort((a, b) => candidates[b]!.disagreement - candidates[a]!.disagreement)
      .slice(0, 200)
    const asked = pickDiverse(
      best.map((at) => candidates[at]!),
      ASKED_AT_ONCE,
      known,
    ).map((at) => left[best[at]!]!)
    if (asked.length === 0) break
    order.push(...asked)
    for (const step of asked) known.add(pool.texts[step]!.toLowerCase().replace(/\s+/g, ' ').trim())
    weights = reweight({ heads: kept.length, ...chosen(pool, order) })
  }
  return order
}

function joined(parts: readonly Read[]): Steps & { texts: string[]; trace: number[] } {
  const join = (arrays: Float32Array[]) => Float32Array.from(arrays.flatMap((own) => [...own]))
  return {
    texts: parts.flatMap(({ texts }) => texts),
    trace: parts.flatMap(({ texts }, index) => texts.map(() => index)),
    features: join(parts.map(({ features }) => features)),
    logits: join(parts.map(({ logits }) => logits)),
    labels: Uint8Array.from(parts.flatMap(({ labels }) => [...labels])),
  }
}

function chosen({ features, logits, labels }: Steps, steps: readonly number[]): Steps {
  const pick = <T extends Float32Array | Uint8Array>(all: T, out: T): T => {
    const width = out.length / Math.max(1, steps.length)
    steps.forEach((step, at) => out.set(all.subarray(step * width, (step + 1) * width), at * width))
    return out
  }
  const count = labels.length / WIDTH
  const sized = (all: { length: number }) => (all.length / count) * steps.length
  return {
    features: pick(features, new Float32Array(sized(features))),
    logits: pick(logits, new Float32Array(sized(logits))),
    labels: pick(labels, new Uint8Array(sized(labels))),
  }
}

function shuffle<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
