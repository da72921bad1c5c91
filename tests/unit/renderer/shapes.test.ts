import { expect, it } from 'vitest'
import type { Engine } from '#renderer/app/engine.svelte.ts'
import { Shapes } from '#renderer/features/tree/shapes.svelte.ts'
import { parseSelection } from '#renderer/features/traces/selection-url.ts'
import type { FilterInput } from '#shared/contract/filter.ts'

const turn = () => new Promise((resolve) => setTimeout(resolve))

/** Counts of graphs not measured are answered when told; others at once. */
function shapes() {
  const asked: { filter: FilterInput; answer: (count: number) => void }[] = []
  const call = (_method: string, { filter }: { filter: FilterInput }) =>
    filter.measured === false ? new Promise((answer) => asked.push({ filter, answer })) : Promise.resolve(9)
  return { shapes: new Shapes({ call } as unknown as Engine), asked }
}

it('the graphs to measure are those of the selection that is shown', async () => {
  const { shapes: shown, asked } = shapes()
  await shown.show(parseSelection('run=a'))
  await shown.show(parseSelection('run=b'))
  expect(asked.map(({ filter }) => filter)).toEqual([
    { runs: ['a'], measured: false },
    { runs: ['b'], measured: false },
  ])
  asked[1]!.answer(2)
  asked[0]!.answer(5)
  await turn()
  expect(shown.unmeasured).toBe(2)
})

it('no graph is to be measured of traces that are chosen for being measured', async () => {
  const { shapes: shown, asked } = shapes()
  await shown.show(parseSelection('run=a'))
  asked[0]!.answer(5)
  await turn()
  expect(shown.unmeasured).toBe(5)
  await shown.show(parseSelection('measured=yes'))
  expect(shown).toMatchObject({ unmeasured: 0, count: 9 })
  expect(asked).toHaveLength(1)
})
