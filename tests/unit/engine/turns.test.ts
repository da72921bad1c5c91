import { expect, it } from 'vitest'
import { createTurns } from '#engine/llm-judge/turns.ts'

/** Traces whose ids are their lengths. */
const traces = { sorted: (ids: Uint32Array) => ids.toSorted() }
/** The longest first. */
const ids = Array.from({ length: 300 }, (_, at) => 300 - at)

/** Ids asked about by a server that says no, but for what `takes` says, until that throws. */
function asked(answer: (id: number) => 'yes' | 'no' | 'nothing', over = ids) {
  const turns = createTurns(over, traces)
  const told: number[] = []
  let ended: unknown = null
  try {
    for (const id of turns.ids()) {
      told.push(id)
      const said = answer(id)
      if (said === 'yes') turns.answered()
      else if (said === 'no') turns.refused(id, 'Too long.')
    }
  } catch (thrown) {
    ended = thrown
  }
  return { told, ended }
}

it('ends with the shortest trace where the server says no to that, too', () => {
  const { told, ended } = asked(() => 'no')
  expect(told).toEqual([...ids.slice(0, 100), 1])
  expect(ended).toMatchObject({
    code: 'endpoint_refused',
    message: expect.stringMatching(/^Too long\. .* start again\.$/) as string,
  })
})

it('asks about every trace once where the server takes any of the short ones', () => {
  const { told, ended } = asked((id) => (id <= 20 ? 'yes' : 'no'))
  expect(ended).toBeNull()
  expect(told).toEqual([...ids.slice(0, 100), 1, ...ids.slice(100, -1)])
})

it('keeps the order where the server has answered before, and where there are few', () => {
  expect(asked((id) => (id === 300 ? 'yes' : 'no'))).toEqual({ told: ids, ended: null })
  expect(asked(() => 'no', ids.slice(0, 100))).toEqual({ told: ids.slice(0, 100), ended: null })
})

it('tries the next shortest where there was nothing to ask about the first', () => {
  const { told, ended } = asked((id) => (id === 1 ? 'nothing' : 'no'))
  expect(told).toEqual([...ids.slice(0, 100), 1, ...ids.slice(100, 200), 2])
  expect(ended).toMatchObject({ code: 'endpoint_refused' })
})
