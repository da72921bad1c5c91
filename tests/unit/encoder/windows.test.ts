import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packWindows } from '#shared/domain/encoder/batches.ts'
import { stepPieces, windowsOf, type WindowConfig } from '#shared/domain/encoder/windows.ts'

const CONFIG: WindowConfig = { window: 24, context: 8, longest: 10, cls: 101, sep: 102, pad: 0 }

/** Pieces of a step as long as said, `sep` at its end. */
const steps = fc.array(
  fc.array(fc.integer({ min: 1000, max: 2000 }), { maxLength: CONFIG.longest }).map((ids) => [...ids, 102]),
)

describe('windows', () => {
  it('hold every step once, whole and in order, after as much context as fits', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const windows = windowsOf(given, CONFIG)
        let next = 0
        for (const { ids, first, spans } of windows) {
          expect(ids[0]).toBe(CONFIG.cls)
          expect(ids.length).toBeLessThanOrEqual(CONFIG.window)
          expect(first).toBe(next)
          for (const [from, to] of spans) expect(ids.slice(from, to)).toEqual(given[next++])
          const context = ids.slice(1, spans[0]![0])
          const before = given.slice(0, first).flat()
          expect(context).toEqual(before.slice(before.length - context.length))
          expect(context.length).toBeLessThan(CONFIG.context)
        }
        expect(next).toBe(given.length)
      }),
    )
  })

  it('keep the first and the last half of a step that is too long', () => {
    const ids = Array.from({ length: 13 }, (_, index) => index)
    const text = 'one two'
    const [step] = stepPieces(text, Uint32Array.of(0, 7), () => ids, CONFIG)
    expect(step).toEqual([0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 102])
    expect(stepPieces(text, Uint32Array.of(3, 3), () => [], CONFIG)).toEqual([[102]])
  })

  it('lie beside each other with the mean of each step', () => {
    const batch = packWindows(
      [
        { ids: [101, 5, 102], first: 0, spans: [[1, 3]] },
        {
          ids: [101, 6, 102, 102],
          first: 1,
          spans: [
            [1, 3],
            [3, 4],
          ],
        },
      ],
      9,
    )
    expect(batch).toMatchObject({ windows: 2, pieces: 4, steps: 2 })
    expect([...batch.ids]).toEqual([101, 5, 102, 9, 101, 6, 102, 102])
    expect([...batch.mask]).toEqual([1, 1, 1, 0, 1, 1, 1, 1])
    expect([...batch.pool]).toEqual([0, 0.5, 0.5, 0, 0, 0, 0, 0, 0, 0.5, 0.5, 0, 0, 0, 0, 1])
  })
})
