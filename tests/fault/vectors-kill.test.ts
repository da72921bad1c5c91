import { fork } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { dumpTables, importFiles, openEngine, sampleLines, temporaryFolder } from '../unit/engine/support.ts'

const MODELS = resolve(import.meta.dirname, '../fixtures/models')
const ENTRY = join(import.meta.dirname, 'vectors-child.ts')
const TRACES = 80
const KILLS = 5

let folder: string
beforeAll(() => {
  folder = temporaryFolder()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function prepare(name: string): Promise<string> {
  const workspace = join(folder, name)
  const { client, close } = openEngine(workspace)
  const file = join(folder, `${name}.jsonl`)
  writeFileSync(file, sampleLines('grpo').slice(0, TRACES).join('\n'))
  await importFiles(client, [file])
  for (const id of ['tiny-encoder', 'tiny-lm'])
    await client.call('models.add', { folder: join(MODELS, id), id })
  await close()
  return workspace
}

/** Lets the host work; kills it when it has told of so many things, and of at least one trace done. */
async function live(workspace: string, told: number): Promise<boolean> {
  const child = fork(ENTRY, [workspace], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let heard = 0
  let complaints = ''
  child.stderr!.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  child.on('message', () => {
    if (++heard === told) child.kill('SIGKILL')
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`the host failed by itself:\n${complaints}`)
  return code === 0
}

interface Blob {
  data: number[]
}
interface Row extends Record<string, unknown> {
  trace_id: number
  directions?: Blob
  bits?: Blob
}

/** What is stored, by trace: all but row ids, and apart from it the numbers that another batch may round otherwise. */
function stored(workspace: string, table: 'step_vectors' | 'token_scores') {
  const rows = dumpTables(workspace, [table])[table]!
  return rows
    .map((row) => JSON.parse(row) as Row)
    .sort((a, b) => a.trace_id - b.trace_id)
    .map(({ id: _id, surprisal: _surprisal, entropy: _entropy, directions, bits, ...exact }) => ({
      exact,
      rounded: [
        ...Int8Array.from(directions?.data ?? []),
        ...new Uint16Array(Uint8Array.from(bits?.data ?? []).buffer),
      ],
    }))
}

it(
  'vectors and scores come whole and once, however often the host is killed',
  { timeout: 300_000 },
  async () => {
    const undisturbed = await prepare('undisturbed')
    expect(await live(undisturbed, Infinity)).toBe(true)
    const disturbed = await prepare('disturbed')
    let kills = 0
    while (!(await live(disturbed, kills < KILLS ? 2 + (kills % 3) : Infinity))) kills++
    expect(kills).toBeGreaterThanOrEqual(3)
    for (const table of ['step_vectors', 'token_scores'] as const) {
      const [wanted, found] = [undisturbed, disturbed].map((workspace) => stored(workspace, table))
      expect(wanted).toHaveLength(TRACES)
      expect(found!.map(({ exact }) => exact)).toEqual(wanted!.map(({ exact }) => exact))
      found!.forEach(({ rounded }, trace) =>
        rounded.forEach((one, at) => {
          if (Math.abs(one - wanted![trace]!.rounded[at]!) > 1)
            throw new Error(`${table} of ${trace} differs`)
        }),
      )
    }
  },
)
