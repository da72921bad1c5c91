import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { buildGraph, type GraphInput } from '#shared/domain/graph/index.ts'
import { createOffsetConverter } from '#shared/domain/offsets.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { SHARED_DATA, hasSharedData } from '#tests/unit/shared-data.ts'

const REPEATS = 5
const ORDINARY = 1000
/** Words of the long trace; a model's tokens are a quarter more. */
const WORDS = 80_000

interface Labelled {
  text: string
  prompt: string | null
  steps: [number, number][]
  annotations: { step: number; behaviours: string[] }[]
}

function readTraces(): GraphInput[] {
  const lines = readFileSync(join(SHARED_DATA, 'labels/train.jsonl'), 'utf8').split('\n')
  return lines.flatMap((line) => {
    if (line === '') return []
    const { text, prompt, steps, annotations } = JSON.parse(line) as Labelled
    const offsets = createOffsetConverter(text, 'code_points')
    const bounds = Uint32Array.from(steps.flat(), (offset) => offsets.toUtf16(offset))
    const shown = new Uint8Array(bounds.length * 2)
    for (const { step, behaviours } of annotations) {
      for (const behaviour of behaviours)
        shown[step * 4 + (BEHAVIOURS as readonly string[]).indexOf(behaviour)] = 1
    }
    return [{ text, bounds, shown, prompt: prompt ?? '', metadata: {} }]
  })
}

/** One trace as long as a hundred, which no loop folds: its parts come from different traces. */
function join100k(traces: readonly GraphInput[]): GraphInput {
  const texts: string[] = []
  const bounds: number[] = []
  const shown: number[] = []
  let length = 0
  let words = 0
  for (const trace of traces) {
    if (words >= WORDS) break
    texts.push(trace.text)
    for (const offset of trace.bounds) bounds.push(offset + length)
    shown.push(...trace.shown)
    length += trace.text.length + 2
    words += trace.text.split(/\s+/).length
  }
  return {
    text: texts.join('\n\n'),
    bounds: Uint32Array.from(bounds),
    shown: Uint8Array.from(shown),
    prompt: '',
    metadata: {},
  }
}

/** Median milliseconds of processor time, which other work on the machine does not lengthen. */
function median(work: () => void): number {
  const times: number[] = []
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const begun = process.cpuUsage()
    work()
    const { user, system } = process.cpuUsage(begun)
    times.push((user + system) / 1000)
  }
  return times.sort((a, b) => a - b)[REPEATS >> 1]!
}

/** Prints how long graphs take: a long trace, ordinary ones, and search logs, beside segmenting the same texts. */
export async function run(): Promise<void> {
  if (!hasSharedData) return console.log('graph: skipped, no shared traces beside the checkout')
  const traces = readTraces()
  const long = join100k(traces.filter(({ prompt }) => prompt === ''))
  const many = Array.from({ length: ORDINARY }, (_, at) => traces[at % traces.length]!)
  const logs = readFileSync(join(SHARED_DATA, 'traces/stream-of-search/eval_results.json'), 'utf8')
  const search = (JSON.parse(logs) as { predictions: string[] }).predictions.map((text): GraphInput => {
    const bounds = segment(text)
    return { text, bounds, shown: new Uint8Array(bounds.length * 2), prompt: '', metadata: {} }
  })
  const line = (name: string, inputs: readonly GraphInput[]) => {
    let nodes = 0
    const time = median(() => {
      nodes = 0
      for (const input of inputs) nodes += buildGraph(input).nodes.length
    })
    const base = median(() => {
      for (const { text } of inputs) segment(text)
    })
    const steps = inputs.reduce((sum, { bounds }) => sum + bounds.length / 2, 0)
    const size = `${inputs.length} traces, ${steps} steps, ${nodes} nodes`
    console.log(
      `  ${name.padEnd(24)} ${time.toFixed(0).padStart(6)} ms  ${size}; segmenting ${base.toFixed(1)} ms`,
    )
  }
  console.log(`graph: processor time, median of ${REPEATS}`)
  line(`${long.text.split(/\s+/).length} words in one`, [long])
  line('ordinary traces', many)
  line('search logs', search)
}

if (import.meta.main) await run()
