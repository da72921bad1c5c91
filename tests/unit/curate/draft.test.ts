import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changed, type Change, type Draft } from '#shared/domain/curate/draft.ts'
import { segment } from '#shared/domain/segment/index.ts'

const draftOf = (text: string): Draft => {
  const bounds = segment(text)
  const steps = Array.from({ length: bounds.length / 2 }, (_, at) => ({
    start: bounds[at * 2]!,
    end: bounds[at * 2 + 1]!,
    shows: at + 1,
  }))
  return { prompt: '', messages: null, partial: '', text, steps }
}

const texts = fc
  .array(fc.constantFrom('One step. ', 'Another one.\n', 'x = 1\n\n', 'é𝛼? ', '<think>\n'), { maxLength: 12 })
  .map((parts) => parts.join(''))

describe('changes of a text', () => {
  it('move the steps that are left with their labels', () => {
    const draft = draftOf('First one. Second one. Third one.')
    const { text, steps } = changed(draft, [{ start: 11, end: 22, with: 'Something quite else.' }])
    expect(text).toBe('First one. Something quite else. Third one.')
    expect(steps.map(({ start, end, shows }) => [text.slice(start, end), shows])).toEqual([
      ['First one.', 1],
      ['Third one.', 3],
    ])
  })

  it('keep what is left of a step', () => {
    const { text, steps } = changed(draftOf('Alpha beta gamma.'), [
      { start: 0, end: 6, with: '>> ' },
      { start: 10, end: 17, with: '' },
    ])
    expect(steps.map(({ start, end }) => text.slice(start, end))).toEqual(['beta'])
  })

  it('any changes: steps stay in order, within the text, and those untouched keep their words', () => {
    fc.assert(
      fc.property(
        texts,
        fc.array(fc.tuple(fc.nat(200), fc.nat(20), fc.constantFrom('', 'new', ' ')), { maxLength: 5 }),
        (text, raw) => {
          const draft = draftOf(text)
          const changes: Change[] = []
          let at = 0
          for (const [gap, length, fresh] of raw) {
            const start = Math.min(text.length, at + gap)
            const end = Math.min(text.length, start + length)
            changes.push({ start, end, with: fresh })
            at = end
          }
          const after = changed(draft, changes)
          let last = 0
          for (const { start, end } of after.steps) {
            expect(start).toBeGreaterThanOrEqual(last)
            expect(end).toBeGreaterThan(start)
            expect(end).toBeLessThanOrEqual(after.text.length)
            last = end
          }
          for (const step of draft.steps) {
            if (changes.some(({ start, end }) => start < step.end && end > step.start)) continue
            if (changes.some(({ start, end }) => start === end && start >= step.start && start <= step.end))
              continue
            const kept = after.steps.find(({ shows }) => shows === step.shows)
            expect(after.text.slice(kept?.start, kept?.end)).toBe(text.slice(step.start, step.end))
          }
        },
      ),
    )
  })
})
