/**
 * `npm run bench similar [-- --steps 1000000 --width 384]`: how long a search for the steps most like one takes, over
 * all vectors of a workspace, through the whole engine (API, thread, comparison, texts of what is found). The vectors
 * are made up, in clusters, so that no hours are needed to compute them: a comparison takes as long whatever they say.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createEngine, localClient, type EngineClient } from '#engine/create-engine.ts'
import { openWorkspace } from '#engine/db/connection.ts'
import { createClassificationStore } from '#engine/db/classification.ts'
import { createVectorStore } from '#engine/db/vectors.ts'
import { installPaths } from '#engine/install-paths.ts'
import { seeded } from '#shared/domain/random.ts'
import { segment, SEGMENTER_VERSION } from '#shared/domain/segment/index.ts'
import { toDirections } from '#shared/domain/similar/directions.ts'

const STEPS_PER_TRACE = 50
const CLUSTERS = 500
const SEARCHES = 40
const GOAL = 200

const { entries, modelsDir, version } = installPaths()

export async function run(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      steps: { type: 'string', default: '1000000' },
      width: { type: 'string', default: '384' },
    },
  })
  const traces = Math.ceil(Number(values.steps) / STEPS_PER_TRACE)
  const folder = mkdtempSync(join(tmpdir(), 'cairn-bench-'))
  try {
    const workspace = join(folder, 'ws')
    await importTraces(workspace, folder, traces)
    const stored = storeVectors(workspace, traces, Number(values.width))
    console.log(`${stored.steps} vectors of ${values.width} numbers, ${(stored.bytes / 1e6).toFixed(0)} MB`)
    await withEngine(workspace, (client) => search(client, traces))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function withEngine(workspace: string, work: (client: EngineClient) => Promise<void>): Promise<void> {
  const engine = createEngine({ workspace, create: true, entries, modelsDir, version })
  try {
    await work(localClient(engine))
  } finally {
    await engine.close()
  }
}

const textOf = (trace: number) =>
  Array.from({ length: STEPS_PER_TRACE }, (_, step) => `Let me look at part ${step} of ${trace}.`).join('\n')

async function importTraces(workspace: string, folder: string, traces: number): Promise<void> {
  const file = join(folder, 'rollouts.jsonl')
  const lines = Array.from({ length: traces }, (_, id) =>
    JSON.stringify({ id, run: id % 2 === 0 ? 'even' : 'odd', prompt: 'Look.', response: textOf(id) }),
  )
  writeFileSync(file, lines.join('\n'))
  await withEngine(workspace, async (client) => {
    const { id } = await client.call('imports.start', { paths: [file] })
    const job = await client.call('jobs.wait', { id })
    if (job.state !== 'done') throw new Error(job.error?.message ?? job.state)
  })
}

function storeVectors(workspace: string, traces: number, width: number): { steps: number; bytes: number } {
  const { db, close } = openWorkspace(workspace, { create: false })
  try {
    const random = seeded(1)
    const noise = () => random() + random() + random() - 1.5
    const middles = Array.from({ length: CLUSTERS }, () => Float32Array.from({ length: width }, noise))
    const store = createVectorStore(db)
    const { id } = createClassificationStore(db).namedModel('cairn-accurate', 'bench', [])
    let steps = 0
    for (let trace = 1; trace <= traces; trace++) {
      const bounds = segment(textOf(trace - 1))
      const own = bounds.length / 2
      const vectors = new Float32Array(own * width)
      for (let step = 0; step < own; step++) {
        const middle = middles[Math.floor(random() * CLUSTERS)]!
        // One draw for every 8 numbers: a million vectors in seconds.
        for (let at = 0, shift = 0; at < width; at++) {
          if (at % 8 === 0) shift = noise()
          vectors[step * width + at] = middle[at]! + shift
        }
      }
      store.store(id, SEGMENTER_VERSION, width, [
        { traceId: trace, bounds, directions: toDirections(vectors, width) },
      ])
      steps += own
    }
    return { steps, bytes: steps * width }
  } finally {
    close()
  }
}

async function search(client: EngineClient, traces: number): Promise<void> {
  const find = async (index: number, filter: object) => {
    const like = { traceId: 1 + ((index * 7919) % traces), step: index % STEPS_PER_TRACE }
    const [started, cpu] = [performance.now(), process.cpuUsage()]
    const found = await client.call('similar.find', { like, filter, limit: 50 })
    const { user, system } = process.cpuUsage(cpu)
    const whole = performance.now() - started
    return { whole, scan: found.milliseconds, cpu: (user + system) / 1000, compared: found.compared }
  }
  const first = await find(0, {})
  console.log(`first search, which reads the vectors: ${(first.whole / 1000).toFixed(1)} s`)
  for (const [name, filter] of [
    ['all', {}],
    ['half of the traces', { runs: ['odd'] }],
  ] as const) {
    await find(1, filter)
    const times: Awaited<ReturnType<typeof find>>[] = []
    for (let index = 2; index < SEARCHES + 2; index++) times.push(await find(index, filter))
    const at = (key: 'whole' | 'scan' | 'cpu', share: number) =>
      times.map((one) => one[key]).sort((a, b) => a - b)[Math.floor(share * (times.length - 1))]!
    console.log(
      `${name}: ${times[0]!.compared} steps compared; median ${at('whole', 0.5).toFixed(0)} ms, 95 % ${at('whole', 0.95).toFixed(0)} ms (comparison alone ${at('scan', 0.5).toFixed(0)} ms; processor time ${at('cpu', 0.5).toFixed(0)} ms, which is what it takes on a machine with nothing else to do; goal < ${GOAL} ms)`,
    )
  }
  const started = performance.now()
  const { groups } = await client.call('similar.groups', { groups: 20 })
  console.log(`sorted into ${groups.length} groups in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}
