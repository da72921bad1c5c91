/**
 * Builds resources/samples from real, redistributable traces:
 *
 *   node tools/build-samples.ts DATA_DIR
 *
 * DATA_DIR holds `traces/` with the folders named below. The same input gives the same bytes.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

const TARGET = join(import.meta.dirname, '../resources/samples')
/** Search traces are long; this many show every kind. */
const SEARCH_TRACES = 24

const COUNTDOWN = [
  'base_8b/eval_samples.jsonl',
  'sft_lora/eval_samples.jsonl',
  'rft/eval_samples.jsonl',
  'dpo/eval_samples.jsonl',
  'grpo/eval_samples.jsonl',
  'grpo-checkpoints/step_250/eval_samples.jsonl',
  'grpo-checkpoints/step_500/eval_samples.jsonl',
]

const data = process.argv[2]
if (data === undefined) {
  console.error('usage: node tools/build-samples.ts DATA_DIR')
  process.exit(2)
}
const from = join(data, 'traces')

rmSync(TARGET, { recursive: true, force: true })
for (const file of COUNTDOWN)
  write(`countdown-runs/${file}.gz`, readFileSync(join(from, 'countdown-runs', file)))
write(
  'stream-of-search/search-react-5k/results.json.gz',
  head(
    join(from, 'stream-of-search/search-react-5k/stream-of-search_train_64_20250330-132320.json'),
    SEARCH_TRACES,
  ),
)
for (const file of ['math500_deepseek_r1.jsonl', 'pilot_math500_qwen7b.jsonl'])
  write(`math500/${file}.gz`, readFileSync(join(from, 'math500', file)))
for (const folder of ['countdown-runs', 'stream-of-search', 'math500'])
  copyFileSync(join(from, folder, 'LICENSE'), join(TARGET, folder, 'LICENSE'))

/** The first elements of a JSON array: two headers, then traces. */
function head(path: string, traces: number): Buffer {
  const all = JSON.parse(readFileSync(path, 'utf8')) as unknown[]
  return Buffer.from(JSON.stringify(all.slice(0, 2 + traces)))
}

function write(name: string, bytes: Buffer): void {
  const path = join(TARGET, name)
  mkdirSync(dirname(path), { recursive: true })
  const packed = gzipSync(bytes, { level: 9 })
  // The header's operating-system byte differs between builds of zlib; 255 is "unknown".
  packed[9] = 255
  writeFileSync(path, packed)
}
