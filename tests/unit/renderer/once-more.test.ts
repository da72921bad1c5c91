import { expect, it } from 'vitest'
import { onceMore } from '../../../src/renderer/src/app/once-more.ts'

it('does work once more, however often it is asked for meanwhile', async () => {
  let done = 0
  const read = onceMore(async () => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    done++
  })
  await Promise.all(Array.from({ length: 20 }, () => read()))
  expect(done).toBe(2)
  await read()
  expect(done).toBe(3)
})

it('can be asked for again where it failed', async () => {
  let failing = true
  const read = onceMore(() => (failing ? Promise.reject(new Error('gone')) : Promise.resolve()))
  await expect(read()).rejects.toThrow('gone')
  failing = false
  await read()
})

it('is done once more for those who asked while it failed', async () => {
  let done = 0
  const read = onceMore(async () => {
    await new Promise((resolve) => setTimeout(resolve, 1))
    if (++done === 1) throw new Error('gone')
  })
  await Promise.all([read(), read()])
  expect(done).toBe(2)
})
