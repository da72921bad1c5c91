import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEngine, localClient, type Engine, type EngineClient } from '#engine/create-engine.ts'
import { installPaths } from '#engine/install-paths.ts'
import { createUnread, readableParts } from '#engine/services/unread.ts'
import type { ModelRunResult } from '#shared/contract/classify.ts'
import { CairnError } from '#shared/errors.ts'
import { ended, importFiles, tableHashes, temporaryFolder } from './support.ts'

// Traces that say what becomes of the process that reads them: `inference-stand-in.ts`.

const TABLES = ['steps', 'predictions']
const ENTRY = join(import.meta.dirname, 'inference-stand-in.ts')

let folder: string
let engine: Engine
let client: EngineClient
const open = () => {
  const { entries, modelsDir, version } = installPaths()
  const standIn = { ...entries, inference: ENTRY }
  const workspace = join(folder, 'workspace')
  engine = createEngine({ workspace, create: true, entries: standIn, modelsDir, version })
  client = localClient(engine)
}
beforeEach(() => {
  folder = temporaryFolder()
  open()
})
afterEach(async () => {
  await engine.close()
  rmSync(folder, { recursive: true, force: true })
})

async function put(...responses: string[]): Promise<void> {
  const file = join(folder, 'rows.jsonl')
  writeFileSync(
    file,
    responses.map((response, at) => JSON.stringify({ prompt: `${at}`, response })).join('\n'),
  )
  await importFiles(client, [file])
}
const start = () => client.call('classify.start', { model: 'cairn-fast', device: 'cpu' })
const classify = async () => (await ended(client, await start())).result as unknown as ModelRunResult
const classified = async () => (await client.call('workspace.info', {})).classified
/** Of no page with another trace. */
const LONG = ' '.repeat(400_000)

describe('a trace that a model cannot read', () => {
  it('is told of, and the others are read', async () => {
    await put(`crash${LONG}`, 'refuse', 'fine', 'refuse too', `refuse${LONG}`, `fine${LONG}`, 'at last')
    const failures = [
      { reason: 'The model stand-in failed: its shapes do not fit', traces: 3, ids: [2, 4, 5] },
      { reason: 'The inference process ended at it, 6 times in a row.', traces: 1, ids: [1] },
    ]
    expect(await classify()).toMatchObject({ traces: 3, failed: 4, failures })
    expect(await classified()).toBe(3)
    // They stay to be done, and are in nobody's way.
    await put('a new one')
    expect(await classify()).toMatchObject({ traces: 1, failed: 4, failures })
    expect(await classified()).toBe(4)
  })

  it('is no trace where the model can read nothing at all', async () => {
    await put(`fine${LONG}`, 'refuse-all', 'fine')
    const told: string[] = []
    client.on('traces.changed', ({ reason }) => void told.push(reason))
    const { error } = await ended(client, await start(), 'failed')
    expect(error).toMatchObject({
      code: 'inference_failed',
      message: expect.stringContaining('shapes') as string,
    })
    expect(await classified()).toBe(1)
    // What is stored is told of, although the job broke off.
    expect(told).toEqual(['classify'])
  })
})

describe('traces that fail in a row', () => {
  type Says = CairnError['code'] | 'fine'
  /** Reads traces that say how they fail, where they do; `works` says whether a sentence can be read. */
  const readAll = async (traces: readonly Says[], works = () => Promise.resolve()) => {
    const unread = createUnread()
    const read: number[] = []
    const compute = ([trace]: readonly { id: number; says: Says }[]) => {
      const { id, says } = trace!
      return says === 'fine'
        ? Promise.resolve('read')
        : Promise.reject(new CairnError(says, `its shape {1,${id}} does not fit`, { deaths: 6 }))
    }
    for (const [id, says] of traces.entries()) {
      const page = [{ id, says }]
      for await (const [part] of readableParts(page, compute(page), compute, works, unread))
        read.push(...part.map((one) => one.id))
    }
    return { read, unread }
  }
  const times = <T>(count: number, one: T) => new Array<T>(count).fill(one)

  it.each(['inference_failed', 'inference_crashed'] as const)(
    'are passed over, however many, while the model reads a sentence: %s',
    async (code) => {
      const { read, unread } = await readAll([...times(50, code), 'fine'])
      expect(read).toEqual([50])
      expect(unread.count()).toBe(50)
    },
  )

  it('end the job with what was thrown where the model reads nothing any more', async () => {
    const gone = () => Promise.reject(new Error('it is gone'))
    const all = readAll(['fine', 'inference_failed'], gone)
    await expect(all).rejects.toMatchObject({ code: 'inference_failed' })
    await expect(readAll(['disk_full', 'fine'])).rejects.toMatchObject({ code: 'disk_full' })
  })

  it('are told of by cause, whatever sizes their messages tell', async () => {
    const { unread } = await readAll([...times(30, 'inference_failed' as const)])
    expect(unread.told()).toEqual([
      { reason: 'its shape {1,0} does not fit', traces: 30, ids: [...Array(20).keys()] },
    ])
  })
})

describe('a job that is stopped', () => {
  const begun = async () => {
    const { id } = await start()
    await expect.poll(async () => (await client.call('jobs.get', { id })).progress.done).toBe(1)
    return id
  }
  const mark = () => join(folder, 'mark')

  it('stops at once, and goes on where it was', async () => {
    await put(`fine${LONG}`, `slow-once ${mark()} ${LONG}`, 'at last')
    const id = await begun()
    await expect.poll(() => existsSync(mark())).toBe(true)
    const began = performance.now()
    expect((await client.call('jobs.cancel', { id })).state).toBe('cancelled')
    expect(performance.now() - began).toBeLessThan(5_000)
    expect(await classified()).toBe(1)
    const job = await ended(client, await client.call('jobs.resume', { id }))
    expect(job.result).toMatchObject({ traces: 2, failed: 0 })
    expect(await classified()).toBe(3)
  })

  it('by the end of the engine is not waited for, and goes on in the next', async () => {
    await put(`fine${LONG}`, `slow-once ${mark()} ${LONG}`, 'at last')
    const id = await begun()
    await expect.poll(() => existsSync(mark())).toBe(true)
    const began = performance.now()
    await engine.close()
    expect(performance.now() - began).toBeLessThan(10_000)
    const before = tableHashes(join(folder, 'workspace'), TABLES)
    open()
    expect((await client.call('jobs.get', { id })).state).toBe('interrupted')
    expect(tableHashes(join(folder, 'workspace'), TABLES)).toEqual(before)
    await ended(client, await client.call('jobs.resume', { id }))
    expect(await classified()).toBe(3)
  })

  it('stops at once, too, where it looks at what others may look at', async () => {
    await put(`slow-once ${mark()} down`)
    const { id } = await client.call('learning.queue', { annotator: null })
    await expect.poll(() => existsSync(mark())).toBe(true)
    const began = performance.now()
    expect((await client.call('jobs.cancel', { id })).state).toBe('cancelled')
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  it('by the end of the engine is not waited for, either, where it looks at what others may look at', async () => {
    await put(`slow-once ${mark()} down`)
    await client.call('learning.queue', { annotator: null })
    await expect.poll(() => existsSync(mark())).toBe(true)
    const began = performance.now()
    await engine.close()
    expect(performance.now() - began).toBeLessThan(10_000)
    open()
  })
})
