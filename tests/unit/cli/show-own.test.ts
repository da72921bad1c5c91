import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { ownOfStep } from '../../../src/cli/commands/show-own.ts'

it('a label of a behaviour of one’s own is on the steps that it marks, not on all that it touches', () => {
  const label = { behaviour: 1, start: 10, end: 31, annotator: 'ada', verdict: 'present' } as const
  const own = { all: [{ id: 1, name: 'Doubt' }], labels: [label], predictions: [] }
  const steps = [
    { start: 0, end: 11 },
    { start: 11, end: 30 },
    { start: 30, end: 50 },
  ]
  const shown = steps.map((span, step) =>
    stripVTControlCharacters(ownOfStep(own as unknown as Parameters<typeof ownOfStep>[0], step, span)).trim(),
  )
  expect(shown).toEqual(['', '· Doubt', ''])
})
