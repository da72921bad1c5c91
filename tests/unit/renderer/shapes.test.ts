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

it('shapes that are read anew stay until the new ones are there, whatever comes late', async () => {
  const asked: ((key: string) => void)[] = []
  const list = (key: string) => [{ id: 1, key, length: 1, graph: null }]
  const call = (method: string) => {
    if (method === 'traces.count') return Promise.resolve(1)
    if (method === 'graphs.shapes') return Promise.resolve([{ id: 1, shape: Uint8Array.of(3, 1) }])
    return new Promise((answer) => asked.push((key) => answer(list(key))))
  }
  const shown = new Shapes({ call } as unknown as Engine)
  const seen = () => [shown.at(0)?.row.key, shown.at(0)?.shape?.parent.length]
  const selection = parseSelection('run=a')
  const read = async () => {
    await shown.show(selection)
    return shown.look(0, 1)
  }
  void read()
  await turn()
  asked[0]!('first')
  await turn()
  expect(seen()).toEqual(['first', 1])
  for (let time = 0; time < 2; time++) {
    void read()
    await turn()
    expect(seen()).toEqual(['first', 1])
  }
  asked[2]!('third')
  asked[1]!('second')
  await turn()
  expect(seen()).toEqual(['third', 1])
  // Of another selection nothing is there yet.
  await shown.show(parseSelection('run=b'))
  expect(shown.at(0)).toBeUndefined()
})
