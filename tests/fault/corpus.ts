import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { sampleLines } from '../unit/engine/support.ts'

type Row = { id: string | number; raw_generation: string }

/**
 * Three files of 500 traces, long enough that each takes several transactions to import: lines,
 * compressed lines and a JSON array, some records broken, some there twice.
 */
export function writeCorpus(folder: string): string[] {
  const rows = (run: 'base_8b' | 'dpo' | 'grpo') =>
    sampleLines(run).map((line, index, all) => {
      const row = JSON.parse(line) as Row
      // The next two responses behind it make the text longer and leave it real.
      const more = [1, 2].map(
        (ahead) => (JSON.parse(all[(index + ahead) % all.length]!) as Row).raw_generation,
      )
      return JSON.stringify({ ...row, raw_generation: [row.raw_generation, ...more].join('\n') })
    })
  const put = (run: string, name: string, data: string | Uint8Array) => {
    mkdirSync(join(folder, run), { recursive: true })
    const path = join(folder, run, name)
    writeFileSync(path, data)
    return path
  }
  const plain = rows('base_8b')
  const withBad = plain.flatMap((line, index) =>
    index % 60 === 59 ? [line, line.slice(0, 40), line] : [line],
  )
  return [
    put('base_8b', 'eval_samples.jsonl', withBad.join('\n')),
    put('dpo', 'eval_samples.jsonl.gz', gzipSync(`${rows('dpo').join('\n')}\n`)),
    put('grpo', 'eval_samples.json', `[${rows('grpo').join(',\n')}]`),
  ]
}
