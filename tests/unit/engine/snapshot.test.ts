import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { FullTrace } from '#engine/db/traces.ts'
import { snapshotOf } from '#engine/services/snapshot.ts'
import type { Filter } from '#shared/contract/filter.ts'

/** A store of traces that only have an id, all of which a filter selects; `added` come while a page is read. */
function growing(ids: readonly number[], added: number) {
  const held = [...ids]
  const asked = { lookups: 0, most: 0 }
  const lookUp = () => {
    asked.lookups++
    return held
  }
  return {
    asked,
    everyId: () => Uint32Array.from(lookUp()).sort(),
    ids: () => [...lookUp()],
    page(filter: Filter, after: number, limit: number) {
      const wanted = filter.ids ?? lookUp()
      asked.most = Math.max(asked.most, wanted.length)
      const page = held
        .filter((id) => wanted.includes(id) && id > after)
        .sort((a, b) => a - b)
        .slice(0, limit)
      for (let at = 0; at < added; at++) held.push(Math.max(0, ...held) + 1)
      return page.map((id) => ({ row: { id } }) as FullTrace)
    },
  }
}

it('reads every trace of its start once, in order, and none that comes later, again and again', () => {
  const someIds = fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { maxLength: 60 })
  const filters = fc.constantFrom<Filter>({}, { search: undefined }, { search: 'wait' }, { ids: [1] })
  fc.assert(
    fc.property(someIds, fc.integer({ min: 1, max: 9 }), fc.nat(5), filters, (ids, size, added, filter) => {
      const store = growing(ids, added)
      const snapshot = snapshotOf(store, filter, size)
      expect(snapshot.total).toBe(ids.length)
      for (let time = 0; time < 2; time++)
        expect([...snapshot.pages()].flatMap((page) => page.map(({ row }) => row.id))).toEqual(
          ids.toSorted((a, b) => a - b),
        )
      // However many pages: a long list of ids, or a search, is no quick question.
      expect(store.asked.lookups).toBe(1)
      expect(store.asked.most).toBeLessThanOrEqual(size)
    }),
  )
})
