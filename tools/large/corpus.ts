import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { segment } from '#shared/domain/segment/index.ts'
import { logNormal, pick, type Random } from './random.ts'

/** A real trace, cut into steps: `bounds` as `segment` gives them, UTF-16. */
interface Real {
  prompt: string
  response: string
  bounds: Uint32Array
}

export interface Corpus {
  readonly real: readonly Real[]
}

/** A trace as one row of a JSONL file that Cairn imports. */
export interface Row {
  run: string
  checkpoint: number | null
  id: string
  prompt: string
  response: string
  correct: boolean | null
  reward: number | null
  truncated: boolean
  generation: { temperature: number; seed: number; batch: string }
  difficulty: number
}

/** Of a real response that is worth mixing, in UTF-16 units. */
const SHORTEST = 40
const RESPONSES = ['raw_generation', 'full_response']

/**
 * The real traces in the samples that come with Cairn.
 * @throws Error when there is none
 */
export function readCorpus(samplesDir: string): Corpus {
  const real: Real[] = []
  for (const entry of readdirSync(samplesDir, { recursive: true, encoding: 'utf8' }).sort())
    if (entry.endsWith('.jsonl.gz'))
      for (const line of gunzipSync(readFileSync(join(samplesDir, entry)))
        .toString()
        .split('\n'))
        if (line !== '') {
          const record = JSON.parse(line) as Record<string, unknown>
          const response = RESPONSES.map((name) => record[name]).find((value) => typeof value === 'string')
          if (response === undefined || response.length < SHORTEST) continue
          real.push({ prompt: String(record['prompt']), response, bounds: segment(response) })
        }
  if (real.length === 0) throw new Error(`There are no sample traces in ${samplesDir}.`)
  return { real }
}

/** Some steps of a real trace that follow each other, with the white space that follows them. */
function passage(random: Random, { response, bounds }: Real, most: number): string {
  const steps = bounds.length / 2
  const first = Math.floor(random() * steps)
  const end = Math.min(steps, first + 1 + Math.floor(random() * most))
  return response.slice(bounds[first * 2], end < steps ? bounds[end * 2] : response.length)
}

/** A response of about that many UTF-16 units: opened and closed by one real trace, filled from many. */
export function mixResponse(random: Random, { real }: Corpus, length: number): string {
  const frame = pick(random, real)
  const steps = frame.bounds.length / 2
  const opening = frame.response.slice(0, steps > 1 ? frame.bounds[2] : undefined)
  const closing = frame.response.slice(frame.bounds[(steps - 1) * 2])
  const parts = [opening]
  let size = opening.length + closing.length
  while (size < length) {
    const part = passage(random, pick(random, real), 5)
    parts.push(/\s$/.test(part) ? part : `${part}\n\n`)
    size += part.length
  }
  parts.push(closing)
  return parts.join('')
}

/** A real problem with other numbers, so that there are as many as wanted. */
const mixPrompt = (random: Random, { real }: Corpus) =>
  pick(random, real).prompt.replace(/\b\d{1,2}\b/g, () => String(1 + Math.floor(random() * 98)))

const RUNS = ['base', 'instruct', 'sft', 'rft', 'ppo-seed-1', 'ppo-seed-2', 'grpo-seed-1', 'grpo-seed-2']
const CHECKPOINTS = 20
const CHECKPOINT_EVERY = 25
const SAMPLES_PER_PROBLEM = 16
/** Of a response, in UTF-16 units: short, so that a million of them fit on any disk. */
const MEDIAN_LENGTH = 420

/** That many traces: eight runs, half of them with checkpoints along which rewards and lengths rise. */
export function* mixRows(random: Random, corpus: Corpus, traces: number): Generator<Row> {
  let prompt = ''
  for (let index = 0; index < traces; index++) {
    if (index % SAMPLES_PER_PROBLEM === 0) prompt = mixPrompt(random, corpus)
    const run = Math.floor((index * RUNS.length) / traces)
    const stage = run < RUNS.length / 2 ? null : Math.floor(random() * CHECKPOINTS)
    const skill = 0.15 + 0.05 * run + 0.02 * (stage ?? 0)
    const judged = random() > 0.02
    const correct = random() < skill
    const length = logNormal(random, MEDIAN_LENGTH * (1 + 0.03 * (stage ?? 0)), 0.8)
    yield {
      run: RUNS[run]!,
      checkpoint: stage === null ? null : (stage + 1) * CHECKPOINT_EVERY,
      id: `p${Math.floor(index / SAMPLES_PER_PROBLEM)}-${index % SAMPLES_PER_PROBLEM}`,
      prompt,
      response: mixResponse(random, corpus, Math.min(length, 20_000)),
      correct: judged ? correct : null,
      reward: judged ? (correct ? 1 : 0) + Math.round(random() * 10) / 100 : null,
      truncated: random() < 0.05,
      generation: {
        temperature: pick(random, [0.6, 0.8, 1]),
        seed: Math.floor(random() * 1e6),
        batch: `b${index % 64}`,
      },
      difficulty: 1 + Math.floor(random() * 5),
    }
  }
}
