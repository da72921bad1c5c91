import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createInferenceHost, type InferenceHost, type LoadedModel } from '#engine/inference/host.ts'
import type { StandInBatch } from './inference-stand-in.ts'
import { temporaryFolder } from './support.ts'

const ENTRY = join(import.meta.dirname, 'inference-stand-in.ts')

let folder: string
let host: InferenceHost
beforeEach(() => {
  folder = temporaryFolder()
  host = createInferenceHost(ENTRY)
})
afterEach(() => {
  host.close()
  rmSync(folder, { recursive: true, force: true })
})

const mark = () => join(folder, 'mark')
const classify = async (model: LoadedModel, response: string) =>
  (await model.classify([{ prompt: '', response }])) as StandInBatch
/** Milliseconds until it is settled, whichever way. */
async function time(work: Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work.catch(() => undefined)
  return performance.now() - began
}

describe('a model that runs on a card', () => {
  it('gets a process of its own again when the card fails at a batch', async () => {
    const model = await host.load({ modelDir: folder })
    const before = await classify(model, 'fine')
    const after = await classify(model, `card-breaks-once ${mark()}`)
    expect(after.device).toBe('cuda')
    expect(after.pid).not.toBe(before.pid)
  })

  it('fails with the cause where the card fails at it in a fresh process, too', async () => {
    const model = await host.load({ modelDir: folder })
    await expect(classify(model, 'card-breaks')).rejects.toMatchObject({
      code: 'inference_failed',
      message: 'The model stand-in failed: CUDA failure 700: an illegal memory access was encountered',
    })
    expect((await classify(model, 'fine')).device).toBe('cuda')
  })

  it('keeps its process where memory is all that was short, and where it runs on the CPU', async () => {
    for (const device of ['cuda', 'cpu'] as const) {
      const model = await host.load({ modelDir: folder, device })
      const before = await classify(model, 'fine')
      const said = device === 'cuda' ? 'card-is-full' : 'card-breaks'
      await expect(classify(model, said)).rejects.toMatchObject({ code: 'inference_failed' })
      expect((await classify(model, 'fine')).pid).toBe(before.pid)
    }
  })

  it('does not go on elsewhere when its process ends: what it was loaded on it stays on', async () => {
    const onCuda = await host.load({ modelDir: folder })
    expect(onCuda.info.provider).toBe('cuda')
    writeFileSync(join(folder, 'no-cuda'), '')
    await expect(classify(onCuda, `crash-once ${mark()}`)).rejects.toThrow('CUDA cannot be used')
    const onCpu = await host.load({ modelDir: folder })
    rmSync(join(folder, 'no-cuda'))
    rmSync(mark())
    // Its process has been on the CPU, where it stays; a new one would find CUDA again.
    expect((await classify(onCpu, `crash-once ${mark()}`)).device).toBe('cpu')
  })
})

describe('work that is given up', () => {
  it('is not waited for, and its process ends', async () => {
    const abort = new AbortController()
    const model = await host.load({ modelDir: folder }, abort.signal)
    const pid = host.pid()!
    const slow = classify(model, 'slow')
    setTimeout(() => abort.abort(), 50)
    expect(await time(slow)).toBeLessThan(5_000)
    await expect(slow).rejects.toMatchObject({ code: 'cancelled' })
    await expect.poll(() => runs(pid)).toBe(false)
    await expect(classify(model, 'fine')).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('costs others that wait at the same process nothing but time', async () => {
    const mine = await host.load({ modelDir: folder })
    // More often than it may die by itself: none of these ends is one.
    const given = Array.from({ length: 8 }, async () => {
      const abort = new AbortController()
      return { abort, model: await host.load({ modelDir: folder }, abort.signal) }
    })
    const all = await Promise.all(given)
    const other = classify(mine, 'pause')
    for (const { abort, model } of all) {
      const slow = classify(model, 'slow')
      abort.abort()
      await expect(slow).rejects.toMatchObject({ code: 'cancelled' })
    }
    expect((await other).device).toBe('cuda')
  })

  it('is not waited for by the end of everything, either', async () => {
    const model = await host.load({ modelDir: folder })
    const slow = classify(model, 'slow')
    setTimeout(() => host.close(), 50)
    expect(await time(slow)).toBeLessThan(5_000)
    await expect(slow).rejects.toMatchObject({ code: 'disconnected' })
  })
})

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
