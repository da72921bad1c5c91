import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraceStore } from '#engine/db/traces.ts'
import type { InferenceHost } from '#engine/inference/host.ts'
import { createLooks } from '#engine/services/looks.ts'

const MODELS = resolve(import.meta.dirname, '../../../resources/models')

/** Looks over traces of so many steps each, by a model that only counts how often it is asked. */
function looksOver(steps: number) {
  const asked: number[] = []
  const found = { changed: '' }
  const inference = {
    load: () =>
      Promise.resolve({
        async look(traces: readonly { prompt: string; bounds: Uint32Array }[]) {
          await new Promise((resolve) => setTimeout(resolve, 1))
          return traces.map(({ prompt, bounds }) => {
            asked.push(Number(prompt))
            return {
              features: new Float32Array((bounds.length / 2) * of.width),
              logits: new Float32Array((bounds.length / 2) * of.names.length * 4),
            }
          })
        },
      }),
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
})
