import { describe, expect, it } from 'vitest'
import { segment } from '#shared/domain/segment/index.ts'

// prettier-ignore
const UNITS = [
  '$', '$$', '$a', '\\[', '\\(', '\\begin{a}', '\\end{a}', '\\', '```\n', '```', '   ```', '`', '~~~x\n', '.', '. ', '1.', '1. ',
  'a.', '!', '?"', '"', ')', '. )', '<', '<think>', '<a', '</answer>', '。', '…', '|', '\n', ' ', ' \n', '\r\n', '\u0301', '\ud800', 'a',
]

const MEGA = 1 << 20
/** Milliseconds, generous: quadratic work on these texts takes minutes. */
const MOST = 10_000

function milliseconds(text: string): number {
  let best = Infinity
  for (let r = 0; r < 2; r++) {
    const begun = performance.now()
    segment(text)
    best = Math.min(best, performance.now() - begun)
  }
  return best
}

describe('segment, linear time', () => {
  it.each(UNITS)('2 MB of %j take about twice as long as 1 MB', (unit) => {
    const one = unit.repeat(Math.ceil(MEGA / unit.length))
    const two = one + one
    const [t1, t2] = [milliseconds(one), milliseconds(two)]
    // Twice, with slack for a busy machine; quadratic work would be seconds beyond it.
    expect(t2).toBeLessThan(MOST)
    expect(t2).toBeLessThan(4 * t1 + 500)
  })

  it.each([
    ['indent', ' '.repeat(MEGA) + '``` '.repeat(MEGA / 4)],
    ['openers, then closers', '\\begin{a}\n'.repeat(MEGA / 10) + '\\end{a}\n'.repeat(MEGA / 8)],
    ['one long word before stops', 'a'.repeat(MEGA) + '. B'.repeat(MEGA / 4)],
    ['one long number before stops', '1'.repeat(MEGA) + '. Wait'.repeat(MEGA / 8)],
    ['gap after every stop', ('.' + ' '.repeat(4096)).repeat(512)],
  ])('%s', (_, text) => {
    expect(milliseconds(text)).toBeLessThan(MOST)
  })
})
