/**
 * Makes a large workspace of realistic traces, for benchmarks and pictures:
 *
 *   node tools/large-workspace.ts OUT [--traces 1000000] [--seed 1] [--unclassified]
 *
 * Real steps of the sample traces are mixed, imported by Cairn's importer and classified by its own
 * model. First come a few traces of special sizes, found by the ids in `SPECIAL`. The same seed gives
 * the same traces.
 */
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createEngine, localClient, type EngineClient } from '#engine/create-engine.ts'
import { installPaths } from '#engine/install-paths.ts'
import type { Job } from '#shared/contract/jobs.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { mixResponse, mixRows, readCorpus, type Corpus, type Row } from './large/corpus.ts'
import { pick, seeded, type Random } from './large/random.ts'

/** Ids and lengths, in UTF-16 units, of the special traces, the first of the workspace. */
export const SPECIAL = {
  megabyte: { id: 'one-megabyte', length: 1_000_000 },
  tenMegabytes: { id: 'ten-megabytes', length: 10_000_000 },
  labelled: { id: 'five-thousand-labels', length: 900_000 },
  overlapping: { id: 'heavy-overlap', length: 6_000 },
} as const

const LABELS = 5_000
const OVERLAPPING_LABELS = 240
const ANNOTATORS = ['ada', 'grace', 'kurt']

export interface LargeOptions {
  workspace: string
  traces: number
  seed: number
  classify: boolean
}

/**
 * Makes the workspace, telling how far it is.
 * @throws Error when the folder exists or a step fails
 */
export async function makeLargeWorkspace(
  { workspace, traces, seed, classify }: LargeOptions,
  tell: (line: string) => void,
): Promise<void> {
  if (existsSync(workspace)) throw new Error(`${workspace} exists already.`)
  mkdirSync(workspace, { recursive: true })
  const { entries, modelsDir, samplesDir, version } = installPaths()
  const random = seeded(seed)
  const corpus = readCorpus(samplesDir)
  const [special, mixed] = ['special.jsonl', 'mixed.jsonl'].map((name) => join(workspace, name)) as [
    string,
    string,
  ]
  await write(special, specialRows(random, corpus))
  await write(mixed, mixRows(random, corpus, traces))
  tell('written')
  const engine = createEngine({ workspace, create: true, entries, modelsDir, version })
  try {
    const client = localClient(engine)
    await done(client, await client.call('imports.start', { paths: [special, mixed] }))
    for (const file of [special, mixed]) rmSync(file)
    tell('imported')
    if (classify)
      await done(client, await client.call('classify.start', { model: 'cairn-fast', device: 'cpu' }))
    tell('classified')
    await label(client, random)
  } finally {
    await engine.close()
  }
}

async function write(path: string, rows: Iterable<Row>): Promise<void> {
  const file = createWriteStream(path, { highWaterMark: 1 << 20 })
  for (const row of rows) if (!file.write(`${JSON.stringify(row)}\n`)) await once(file, 'drain')
  file.end()
  await once(file, 'finish')
}

function* specialRows(random: Random, corpus: Corpus): Generator<Row> {
  for (const { id, length } of Object.values(SPECIAL)) {
    const [row] = mixRows(random, corpus, 1)
    yield { ...row!, run: 'special', id, response: mixResponse(random, corpus, length) }
  }
}

async function done(client: EngineClient, { id }: Job): Promise<void> {
  const job = await client.call('jobs.wait', { id })
  if (job.state !== 'done') throw new Error(`${job.kind} ${job.state}: ${job.error?.message ?? ''}`)
}

/** The special traces of a workspace, by what is special. */
export async function specialIds(client: EngineClient): Promise<Record<keyof typeof SPECIAL, number>> {
  const rows = await client.call('traces.list', { filter: { runs: ['special'] } })
  return Object.fromEntries(
    Object.entries(SPECIAL).map(([name, { id }]) => [name, rows.find(({ key }) => key === id)!.id]),
  ) as Record<keyof typeof SPECIAL, number>
}

/** One label on every step of one trace, and labels of several people over each other on another. */
async function label(client: EngineClient, random: Random): Promise<void> {
  const ids = await specialIds(client)
  const labelled = await client.call('traces.get', { id: ids.labelled })
  const bounds = labelled.bounds ?? Uint32Array.from({ length: LABELS * 2 }, (_, i) => i * 80)
  await client.call('labels.apply', {
    traceId: ids.labelled,
    annotator: ANNOTATORS[0]!,
    add: Array.from({ length: Math.min(LABELS, bounds.length / 2) }, (_, step) => ({
      span: { start: bounds[step * 2]!, end: bounds[step * 2 + 1]! },
      behaviour: pick(random, BEHAVIOURS),
    })),
  })
  const { response } = await client.call('traces.get', { id: ids.overlapping })
  for (const annotator of ANNOTATORS)
    await client.call('labels.apply', {
      traceId: ids.overlapping,
      annotator,
      add: Array.from({ length: OVERLAPPING_LABELS / ANNOTATORS.length }, () => {
        const start = Math.floor(random() * (response.length - 20))
        const end = Math.min(response.length, start + 10 + Math.floor(random() ** 3 * 1500))
        return { span: { start, end }, behaviour: pick(random, BEHAVIOURS) }
      }),
    })
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      traces: { type: 'string', default: '1000000' },
      seed: { type: 'string', default: '1' },
      unclassified: { type: 'boolean', default: false },
    },
  })
  const [workspace] = positionals
  if (workspace === undefined) {
    console.error('usage: node tools/large-workspace.ts OUT [--traces 1000000] [--seed 1] [--unclassified]')
    process.exit(2)
  }
  const started = performance.now()
  const options = { workspace, traces: Number(values.traces), seed: Number(values.seed) }
  await makeLargeWorkspace({ ...options, classify: !values.unclassified }, (line) =>
    console.log(`${line} after ${((performance.now() - started) / 1000).toFixed(0)} s`),
  )
}
