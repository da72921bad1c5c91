import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { segment } from '#shared/domain/segment/index.ts'
import { SHARED_DATA, hasSharedData } from '#tests/unit/shared-data.ts'

/** UTF-8 bytes to build, and the part of it that the slow baseline gets. */
const CORPUS_BYTES = 50e6
const INTL_BYTES = 5e6
const REPEATS = 5

/** Every response text of the shared traces, whatever field of whatever shape holds it. */
function readTraces(): string[] {
  const texts: string[] = []
  const collect = (value: unknown): void => {
    if (typeof value === 'string') {
      if (value.length >= 300) texts.push(value)
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect)
  }
  const root = join(SHARED_DATA, 'traces')
  for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!/\.jsonl?$/.test(entry)) continue
    const content = readFileSync(join(root, entry), 'utf8')
    const records = entry.endsWith('l') ? content.split('\n').filter((line) => line !== '') : [content]
    for (const record of records) collect(JSON.parse(record))
  }
  return texts
}

function upTo(texts: readonly string[], bytes: number): { texts: string[]; bytes: number } {
  const chosen: string[] = []
  let sum = 0
  for (let k = 0; sum < bytes; k++) {
    const text = texts[k % texts.length] ?? ''
    chosen.push(text)
    sum += Buffer.byteLength(text)
  }
  return { texts: chosen, bytes: sum }
}

/** Median MB/s (10⁶ UTF-8 bytes) over the repeats, and the steps found, so that no work is optimised away. */
function measure(
  corpus: { texts: readonly string[]; bytes: number },
  repeats: number,
  count: (text: string) => number,
) {
  const rates: number[] = []
  let steps = 0
  for (let r = 0; r < repeats; r++) {
    steps = 0
    const begun = performance.now()
    for (const text of corpus.texts) steps += count(text)
    rates.push(corpus.bytes / 1e3 / (performance.now() - begun))
  }
  rates.sort((a, b) => a - b)
  return { rate: rates[rates.length >> 1] ?? NaN, steps }
}

// prettier-ignore
const PATHOLOGICAL: readonly string[] = [
  '$', '$$', '\\[', '\\begin{a}', '```\n', '.', '. ', '1. ', '<', '<think>', '"', '。', 'a\n', ' ', '\n', '$a. B ',
]

/** Prints the segmenter's throughput on real traces beside two baselines, and on pathological texts. */
export async function run(): Promise<void> {
  if (!hasSharedData) return console.log('segment: skipped, no shared traces beside the checkout')
  const traces = readTraces()
  const corpus = upTo(traces, CORPUS_BYTES)
  const small = upTo(traces, INTL_BYTES)
  const intl = new Intl.Segmenter('en', { granularity: 'sentence' })
  const ours = measure(corpus, REPEATS, (text) => segment(text).length / 2)
  const split = measure(corpus, REPEATS, (text) => text.split(/(?<=[.!?])\s+|\n+/).length)
  const icu = measure(small, 1, (text) => {
    let n = 0
    for (const _ of intl.segment(text)) n++
    return n
  })
  const size = `${(corpus.bytes / 1e6).toFixed(1)} MB in ${corpus.texts.length} calls`
  console.log(`segment: real traces, ${size} (${traces.length} distinct texts), median of ${REPEATS}`)
  const line = (name: string, r: { rate: number; steps: number }) =>
    console.log(
      `  ${name.padEnd(34)} ${r.rate.toFixed(1).padStart(8)} MB/s  ${r.steps} steps  segment is ${(ours.rate / r.rate).toFixed(2)}×`,
    )
  line('segment', ours)
  line('split(/(?<=[.!?])\\s+|\\n+/)', split)
  line(`Intl.Segmenter (${(small.bytes / 1e6).toFixed(1)} MB, once)`, icu)
  console.log('segment: pathological texts of 8 MB, one call each')
  for (const unit of PATHOLOGICAL) {
    const text = unit.repeat(Math.ceil(8e6 / Buffer.byteLength(unit)))
    const r = measure({ texts: [text], bytes: Buffer.byteLength(text) }, 3, (t) => segment(t).length / 2)
    console.log(
      `  ${JSON.stringify(unit).padEnd(34)} ${r.rate.toFixed(1).padStart(8)} MB/s  ${r.steps} steps`,
    )
  }
}

if (import.meta.main) await run()
