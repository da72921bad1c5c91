import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  classifyAll,
  ended,
  importFiles,
  openEngine,
  tableHashes,
  temporaryFolder,
} from '../unit/engine/support.ts'
import { writeCorpus } from './corpus.ts'
import { runHost, runs, type Acknowledged, type Kill } from './host.ts'

const ENGINE_KILLS = 64
const INFERENCE_KILLS = 40
/** Hosts killed on one workspace before the last may finish. */
const HOSTS_KILLED = 8
/** Hosts at work at once. */
const CHAINS = 2

let folder: string
let files: string[]
let undisturbed: Record<string, string>
/** Milliseconds into an undisturbed host's life. */
const reached = { opened: 0, imported: 0, done: 0 }

beforeAll(async () => {
  folder = temporaryFolder()
  files = writeCorpus(folder)
  const started = performance.now()
  const now = () => performance.now() - started
  await runHost(join(folder, 'undisturbed'), files, null, (told) => {
    if ('opened' in told) reached.opened = now()
    if ('inference' in told) reached.imported ||= now()
    if ('done' in told) reached.done = now()
  })

  undisturbed = tableHashes(join(folder, 'undisturbed'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Opens what a killed host left and holds it to what that host had acknowledged. */
async function inspect(
  workspace: string,
  acknowledged: Pick<Acknowledged, 'traces' | 'classified' | 'labelled'>,
): Promise<void> {
  const opened = openEngine(workspace)
  try {
    const { client } = opened
    expect(await client.call('workspace.check', {})).toEqual({ ok: true, problems: [] })
    const info = await client.call('workspace.info', {})
    expect(info.traces).toBeGreaterThanOrEqual(acknowledged.traces)
    expect(info.classified).toBeGreaterThanOrEqual(acknowledged.classified)
    if (acknowledged.labelled > 0)
      expect(await client.call('labels.list', { traceId: acknowledged.labelled })).toHaveLength(1)
    for (const job of await client.call('jobs.list', {})) expect(['interrupted', 'done']).toContain(job.state)
    for (const { read, imported, duplicates, rejected } of await client.call('workspace.sources', {}))
      expect(read).toBe(imported + duplicates + rejected)
  } finally {
    await opened.close()
  }
}

/**
 * The first half of the hosts on a workspace are killed while they start and import, the others while
 * they classify; a golden-ratio sequence spreads the moments evenly over each phase.
 */
function nextKill(hosts: number, kills: number): Kill {
  const share = (kills * 0.618034) % 1
  if (hosts === 0) return { after: 'start', ms: share * reached.imported }
  if (hosts < HOSTS_KILLED / 2) return { after: 'opened', ms: share * (reached.imported - reached.opened) }
  return { after: 'inference', ms: share * (reached.done - reached.imported) * 0.6 }
}

describe('the engine killed while it imports, labels and classifies', () => {
  it(`keeps what it acknowledged and comes to the same result, ${ENGINE_KILLS} kills`, async () => {
    let kills = 0
    let finished = 0
    const stages = { starting: 0, importing: 0, classifying: 0 }
    const chain = async (number: number) => {
      for (let round = 0; kills < ENGINE_KILLS; round++) {
        const workspace = join(folder, `killed-${number}-${round}`)
        const seen = { traces: 0, classified: 0, labelled: 0 }
        for (let hosts = 0; ; hosts++) {
          const last = await runHost(workspace, files, hosts < HOSTS_KILLED ? nextKill(hosts, kills) : null)
          if (!last.done) {
            kills++
            stages[last.inference !== null ? 'classifying' : last.opened ? 'importing' : 'starting']++
          }
          for (const key of ['traces', 'classified', 'labelled'] as const)
            seen[key] = Math.max(seen[key], last[key])
          await inspect(workspace, seen)
          if (last.inference !== null) await expect.poll(() => runs(last.inference!)).toBe(false)
          if (last.done) break
        }
        expect(tableHashes(workspace)).toEqual(undisturbed)
        rmSync(workspace, { recursive: true })
        finished++
      }
    }
    await Promise.all(Array.from({ length: CHAINS }, (_, number) => chain(number)))
    console.info(`${kills} kills of the engine (${JSON.stringify(stages)}), ${finished} workspaces finished`)
    // How many fall where depends on the machine; that both kinds of work were hit does not.
    expect(stages.importing).toBeGreaterThan(0)
    expect(stages.classifying).toBeGreaterThan(0)
  }, 600_000)
})

describe('the inference process killed while it classifies', () => {
  it(`is started again and the job stores the same bytes, ${INFERENCE_KILLS} kills`, async () => {
    const workspace = join(folder, 'inference')
    const { client, engine, close } = openEngine(workspace)
    try {
      await importFiles(client, files)
      await classifyAll(client)
      const tables = ['traces', 'models', 'steps', 'predictions']
      const expected = tableHashes(workspace, tables)
      let kills = 0
      let jobs = 0
      while (kills < INFERENCE_KILLS) {
        const job = await client.call('classify.start', { model: 'cairn-fast', device: 'cpu', force: true })
        let running = true
        const end = ended(client, job).finally(() => (running = false))
        end.catch(() => undefined)
        const killedAt = new Set<number>()
        let last: number | null = null
        while (running && kills < INFERENCE_KILLS) {
          await sleep(5 + ((kills * 37) % 100))
          const { done } = (await client.call('jobs.get', { id: job.id })).progress
          const pid = engine.inference.pid()
          // Two batches are under way at a time, so each meets two kills, or three by chance: the
          // fourth in a row is meant to fail the job.
          if (pid === null || pid === last || killedAt.has(done)) continue
          process.kill(pid, 'SIGKILL')
          last = pid
          kills++
          killedAt.add(done)
        }
        await end
        jobs++
        expect(tableHashes(workspace, tables)).toEqual(expected)
      }
      console.info(`${kills} kills of the inference process over ${jobs} classifications`)
    } finally {
      await close()
    }
  }, 600_000)
})
