import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBatching } from '#engine/inference/batching.ts'

/** A model that has room for so many tokens, padding counted, and says so as onnxruntime does. */
const modelOf = (room: number, tried: number[]) => (batch: readonly number[]) => {
  tried.push(batch.length)
  return batch.length * Math.max(...batch) > room
    ? Promise.reject(
        new Error('[ONNXRuntimeError] : BFCArena::AllocateRawInternal Failed to allocate memory'),
      )
    : Promise.resolve(batch.map((item) => item * 2))
}
const itself = (item: number) => item

describe('batches', () => {
  it('hold what is of like length, and no more than they may', async () => {
    const tried: number[][] = []
    const found = new Map<number, number>()
    const run = (batch: readonly number[]) => {
      tried.push([...batch])
      return Promise.resolve(batch.map((item) => item + 1))
    }
    await createBatching(12)([1, 20, 5, 2, 6, 3], itself, run, (item, result) => found.set(item, result))
    expect(tried).toEqual([[20], [6, 5], [3, 2, 1]])
    expect([...found].every(([item, result]) => result === item + 1)).toBe(true)
    expect(found.size).toBe(6)
  })

  it('hold everything once and no more than they may, whatever is given', async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 50 }))
    const property = fc.asyncProperty(lengths, fc.integer({ min: 1, max: 200 }), async (given, most) => {
      const batches: number[][] = []
      const kept: number[] = []
      await createBatching(most)(
        [...given.keys()],
        (index) => given[index]!,
        (batch) => {
          batches.push([...batch])
          return Promise.resolve(batch)
        },
        (index, result) => kept.push(index === result ? index : -1),
      )
      for (const found of [batches.flat(), kept])
        expect(found.toSorted((a, b) => a - b)).toEqual([...given.keys()])
      for (const batch of batches) {
        const longest = Math.max(...batch.map((index) => given[index]!))
        expect(batch.length === 1 || batch.length * longest <= most).toBe(true)
      }
    })
    await fc.assert(property)
  })

  it('that do not fit are halved, and none that comes later is larger than what fitted', async () => {
    const tried: number[] = []
    const found: number[] = []
    const inBatches = createBatching(160)
    const items = new Array<number>(40).fill(10)
    const all = () => inBatches(items, itself, modelOf(30, tried), (_, result) => found.push(result))
    await all()
    expect(tried).toEqual([16, 8, 4, ...new Array<number>(20).fill(2)])
    expect(found).toEqual(items.map((item) => item * 2))
    tried.length = 0
    await all()
    expect(Math.max(...tried)).toBe(2)
  })

  it('fail where a single item does not fit, and at once for any other reason', async () => {
    const keep = () => undefined
    await expect(createBatching(100)([50, 50], itself, modelOf(20, []), keep)).rejects.toThrow('BFCArena')
    let runs = 0
    const broken = () => {
      runs++
      return Promise.reject(new Error('invalid shape'))
    }
    await expect(createBatching(100)([1, 2, 3, 4], itself, broken, keep)).rejects.toThrow('invalid shape')
    expect(runs).toBe(1)
  })
})
