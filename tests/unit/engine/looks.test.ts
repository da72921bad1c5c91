import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraceStore } from '#engine/db/traces.ts'
import type { InferenceHost } from '#engine/inference/host.ts'
import { createLooks } from '#engine/services/looks.ts'

const MODELS = resolve(import.meta.dirname, '../../../resources/models')

/** Looks over traces of so many steps each, by a model that only counts how often it is asked. */
function looksOver(steps: number) {
  const asked: number[] = []
  const found = { changed: '', loads: 0, broken: false }
  const inference = {
    load: () => {
      found.loads++
      return Promise.resolve({
        async look(traces: readonly { prompt: string; bounds: Uint32Array }[]) {
          await new Promise((resolve) => setTimeout(resolve, 1))
          if (found.broken) throw new Error('the card is gone')
          return traces.map(({ prompt, bounds }) => {
            asked.push(Number(prompt))
            const [read, said] = [of.width, of.names.length * 4].map((each) => (bounds.length / 2) * each)
            // Views of one message, as they come over from the process.
            const message = new ArrayBuffer(4 * (read! + said!))
            return {
              features: new Float32Array(message, 0, read),
              logits: new Float32Array(message, 4 * read!, said),
            }
          })
        },
      })
    },
  } as unknown as InferenceHost
  const traces = {
    get: (id: number) => ({
      row: { id, prompt: String(id) },
      response: 'x'.repeat(steps * 20),
      textHash: `h${id}${found.changed}`,
      segmenter: 2,
      bounds: Uint32Array.from({ length: steps * 2 }, (_, at) => (at + (at % 2)) * 10),
    }),
  } as unknown as TraceStore
  const place = () => ({ device: 'cpu' as const, threads: null, precision: 'auto' as const, batch: null })
  const looks = createLooks({ inference, models: [MODELS], traces, place })
  const of = looks.ensemble()
  return { looks, of, asked, found }
}

describe('looking at traces', () => {
  it('reads a trace once, however many ask for it at the same time', async () => {
    const { looks, of, asked } = looksOver(10)
    const ids = Array.from({ length: 20 }, (_, index) => index + 1)
    await Promise.all(
      ids.flatMap(() => ids.flatMap((id) => [looks.logits(of, id), looks.at(of, id)] as const)),
    )
    expect(asked.toSorted((a, b) => a - b)).toEqual(ids)
  })

  it('asks again for what could not be read', async () => {
    const { looks, of } = looksOver(1)
    let failing = true
    const broken = createLooks({
      inference: {
        load: () =>
          failing
            ? Promise.reject(new Error('no memory'))
            : Promise.resolve({
                look: () => Promise.resolve([{ features: new Float32Array(1), logits: new Float32Array(1) }]),
              }),
      } as unknown as InferenceHost,
      models: [MODELS],
      traces: {
        get: (id: number) => ({ row: { id, prompt: '' }, response: 'x', bounds: Uint32Array.of(0, 1) }),
      } as unknown as TraceStore,
      place: () => ({ device: 'cpu', threads: null, precision: 'auto', batch: null }),
    })
    expect(await looks.logits(of, 1)).not.toBeNull()
    await expect(Promise.all([broken.at(of, 1), broken.logits(of, 1)])).rejects.toThrow('no memory')
    failing = false
    expect(await broken.at(of, 1)).not.toBeNull()
  })

  it('remembers what heads say of more labelled steps than fit with all that they read', async () => {
    const { looks, of, asked, found } = looksOver(1000)
    const ids = Array.from({ length: 100 }, (_, index) => index + 1)
    const scan = async () => {
      for (const id of ids) await looks.logits(of, id)
    }
    await scan()
    await scan()
    expect(asked.length).toBe(ids.length)
    // Another text is read anew.
    found.changed = ' anew'
    await looks.logits(of, 1)
    expect(asked.length).toBe(ids.length + 1)
  })

  it('reads a labelled trace once that is then looked at', async () => {
    const { looks, of, asked } = looksOver(10)
    await looks.logits(of, 1)
    await looks.at(of, 1)
    expect(asked).toEqual([1])
  })

  it('keeps of what heads say only that, and of the model that is used', async () => {
    const { looks, of, asked } = looksOver(1000)
    const bytes = 1000 * of.names.length * 4 * 4
    await looks.logits(of, 1)
    const { logits } = (await looks.logits(of, 1))!
    expect([logits.byteLength, logits.buffer.byteLength]).toEqual([bytes, bytes])
    // As much as there is room for, by a model that is then replaced.
    for (let id = 1; id <= 270; id++) await looks.logits(of, id)
    const next = { ...of, version: 'next' }
    const scan = async () => {
      for (let id = 301; id <= 400; id++) await looks.logits(next, id)
    }
    await scan()
    asked.length = 0
    await scan()
    expect(asked).toEqual([])
  })

  it('loads a model once, and anew where it does not run any more', async () => {
    const { looks, of, asked, found } = looksOver(10)
    await Promise.all([1, 2, 3].map((id) => looks.at(of, id)))
    await looks.at(of, 4)
    expect(found.loads).toBe(1)
    found.broken = true
    await expect(looks.at(of, 5)).rejects.toThrow('the card is gone')
    found.broken = false
    await looks.at(of, 5)
    expect(found.loads).toBe(2)
    await looks.at({ ...of, place: { ...of.place, threads: 1 } }, 6)
    expect(found.loads).toBe(3)
    expect(asked.length).toBe(6)
  })
})
