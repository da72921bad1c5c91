import { describe, expect, it } from 'vitest'
import { inHalves } from '#engine/inference/halving.ts'

const ROOM = 3

/** A model that has room for three items, and says so as onnxruntime does. */
const run = (tried: number[]) => (part: readonly number[]) => {
  tried.push(part.length)
  return part.length > ROOM
    ? Promise.reject(
        new Error('[ONNXRuntimeError] : BFCArena::AllocateRawInternal Failed to allocate memory'),
      )
    : Promise.resolve(part.map((item) => item * 2))
}

describe('a batch that does not fit', () => {
  it('is done in halves, in order, and tells what fits', async () => {
    const items = Array.from({ length: 10 }, (_, index) => index)
    const tried: number[] = []
    const fits: number[] = []
    expect(await inHalves(items, run(tried), (most) => fits.push(most))).toEqual(
      items.map((item) => item * 2),
    )
    expect(tried).toEqual([10, 5, 2, 3, 5, 2, 3])
    expect(Math.min(...fits)).toBe(2)
  })

  it('fails where a single item does not fit, and at once for any other reason', async () => {
    const never = () => Promise.reject(new Error('CUDA out of memory'))
    await expect(inHalves([1], never, () => undefined)).rejects.toThrow('out of memory')
    let runs = 0
    const broken = () => {
      runs++
      return Promise.reject(new Error('invalid shape'))
    }
    await expect(inHalves([1, 2, 3, 4], broken, () => undefined)).rejects.toThrow('invalid shape')
    expect(runs).toBe(1)
  })
})
