import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { beforePaint } from '#renderer/ui/before-paint.ts'

/** What waits for the next frame. */
const frames = new Map<number, () => void>()
const paint = () => {
  for (const work of frames.values()) work()
}

beforeEach(() => {
  frames.clear()
  vi.stubGlobal('requestAnimationFrame', (work: () => void) => frames.set(frames.size + 1, work).size)
  vi.stubGlobal('cancelAnimationFrame', (frame: number) => frames.delete(frame))
})
afterEach(() => vi.unstubAllGlobals())

it('does its work in the next frame, once', async () => {
  const work = vi.fn()
  beforePaint(work)
  await Promise.resolve()
  await expect.poll(() => frames.size).toBe(1)
  expect(work).not.toHaveBeenCalled()
  paint()
  expect(work).toHaveBeenCalledOnce()
})

it('does nothing once it is called off: before there is a frame, and after', async () => {
  const work = vi.fn()
  const callOff = beforePaint(work)
  callOff()
  const later = beforePaint(work)
  await expect.poll(() => frames.size).toBe(1)
  later()
  expect(frames.size).toBe(0)
  paint()
  expect(work).not.toHaveBeenCalled()
})
