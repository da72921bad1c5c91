import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ApiOutput } from '#shared/contract/index.ts'
import { importFiles, openEngine, temporaryFolder } from '../unit/engine/support.ts'
import { LENGTH, TRACES, type Call, type Told } from './labels-child.ts'
import { Model, seenOf } from './labels-model.ts'

const KILLS = 54
/** Workspaces at work at once. */
const CHAINS = 2
/** A process is killed after it has told of so many things at most. */
const MOST_TOLD = 60
/** Changes taken back and done again after each restart. */
const UNDONE = 4
/** The history shows its last thousand entries: a workspace is left before it has more. */
const KILLS_EACH = 15

const ENTRY = join(import.meta.dirname, 'labels-child.ts')

let folder: string
beforeAll(() => {
  folder = temporaryFolder()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Life {
  /** Calls that were answered, in order, and the one that was not. */
  readonly answered: { call: Call; answer: unknown }[]
  readonly open: Call | null
}

/** Lets a process change labels and kills it when it has told of `told` things. */
async function live(workspace: string, told: number): Promise<Life> {
  const child = fork(ENTRY, [workspace], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const answered: Life['answered'] = []
  let open: Call | null = null
  let heard = 0
  let complaints = ''
  child.stderr!.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  child.on('message', (what: Told) => {
    if ('begin' in what) open = what.begin
    if ('answered' in what) {
      answered.push({ call: open!, answer: what.answered })
      open = null
    }
    // Some milliseconds later too, so that a change is hit at every point of its way.
    if (++heard === told) setTimeout(() => child.kill('SIGKILL'), told % 2 === 0 ? 0 : Math.random() * 4)
  })
  // `close` comes after the last message and the last of stderr.
  const [, signal] = (await once(child, 'close')) as [number | null, string | null]
  if (signal !== 'SIGKILL') throw new Error(`the process failed by itself:\n${complaints}`)
  return { answered, open }
}

it(`keeps every label that was acknowledged, whole and once, over ${KILLS} kills`, async () => {
  let kills = 0
  const cut = { kept: 0, notStored: 0, between: 0 }
  let changes = 0

  const chain = async (number: number) => {
    for (let round = 0; kills < KILLS; round++) {
      const workspace = join(folder, `${number}-${round}`)
      await prepare(workspace)
      const notes = new Map<number, string>()
      let model = new Model(notes)
      for (let life = 0; life < KILLS_EACH && kills < KILLS; life++) {
        const { answered, open } = await live(workspace, 1 + Math.floor(Math.random() * MOST_TOLD))
        kills++
        changes += answered.length
        for (const { call, answer } of answered) {
          if (call.method === 'labels.apply')
            for (const { id, note } of (answer as ApiOutput<'labels.apply'>).added) notes.set(id, note)
          model.perform(call)
        }
        model = await inspect(workspace, { answered, open }, model, notes)
      }
      rmSync(workspace, { recursive: true })
    }
  }

  /** Opens what the killed process left; answers the model of it. */
  const inspect = async (
    workspace: string,
    { answered, open }: Life,
    acknowledged: Model,
    notes: Map<number, string>,
  ): Promise<Model> => {
    const { client, close } = openEngine(workspace)
    try {
      expect(await client.call('workspace.check', {})).toEqual({ ok: true, problems: [] })
      const seen = await seenOf(client, notes)
      const model = acknowledged.copy()
      if (open === null) {
        cut.between++
        expect(seen).toEqual(model.seen())
      } else {
        model.perform(open)
        // The change that was under way is there as a whole or not at all.
        if (isDeepStrictEqual(seen, acknowledged.seen())) cut.notStored++
        else {
          expect(seen).toEqual(model.seen())
          cut.kept++
        }
        // Asked for again, as a client does that had no answer, it is there once in both cases.
        await client.call(open.method, open.input)
        expect(await seenOf(client, notes)).toEqual(model.seen())
      }
      for (const { call, answer } of answered.slice(-3))
        expect(await client.call(call.method, call.input as never)).toEqual(answer)
      expect(await seenOf(client, notes)).toEqual(model.seen())

      for (const method of ['history.undo', 'history.redo'] as const)
        for (let step = 0; step < UNDONE; step++) {
          const call: Call = { method, input: { token: randomUUID() } }
          await client.call(method, call.input)
          model.perform(call)
          expect(await seenOf(client, notes)).toEqual(model.seen())
        }
      return model
    } finally {
      await close()
    }
  }

  const settled = await Promise.allSettled(Array.from({ length: CHAINS }, (_, number) => chain(number)))
  for (const one of settled) if (one.status === 'rejected') throw one.reason
  console.info(
    `${kills} kills over ${changes} acknowledged changes; the change under way: ${JSON.stringify(cut)}`,
  )
  expect(cut.kept + cut.notStored).toBeGreaterThan(0)
}, 240_000)

async function prepare(workspace: string): Promise<void> {
  const { client, close } = openEngine(workspace)
  const file = join(folder, `${randomUUID()}.jsonl`)
  const rows = TRACES.map((id) => ({ prompt: `p${id}`, response: `${id} `.padEnd(LENGTH, 'Wait, no. ') }))
  writeFileSync(file, rows.map((row) => JSON.stringify(row)).join('\n'))
  await importFiles(client, [file])
  await close()
}
