import { expect, it } from 'vitest'
import { ahead } from '#engine/services/ahead.ts'

it('gives results in order while only so many are worked on', async () => {
  let [going, most] = [0, 0]
  const work = async (item: number) => {
    most = Math.max(most, ++going)
    await new Promise((done) => setTimeout(done, (item * 7) % 5))
    going--
    return item * 2
  }
  const found: number[] = []
  for await (const one of ahead([5, 3, 8, 1, 9, 2], 3, work)) found.push(one)
  expect(found).toEqual([10, 6, 16, 2, 18, 4])
  expect(most).toBe(3)
})

it('fails in its turn, after what came before', async () => {
  const found: number[] = []
  const work = (item: number) => (item === 2 ? Promise.reject(new Error('two')) : Promise.resolve(item))
  await expect(async () => {
    for await (const one of ahead([0, 1, 2, 3], 4, work)) found.push(one)
  }).rejects.toThrow('two')
  expect(found).toEqual([0, 1])
})

it('takes items as they come, and no more than it has work for', async () => {
  const read: number[] = []
  async function* items() {
    for (const item of [1, 2, 3, 4, 5]) {
      read.push(item)
      yield await Promise.resolve(item)
    }
  }
  const found: number[] = []
  for await (const one of ahead(items(), 2, async (item) => item * 2)) {
    found.push(one)
    if (found.length === 2) break
  }
  expect(found).toEqual([2, 4])
  expect(read).toEqual([1, 2, 3, 4])
})
