import fc from 'fast-check'
import { expect, it } from 'vitest'
import { snapshotOf } from '#engine/services/snapshot.ts'
import type { FullTrace } from '#engine/db/traces.ts'

/** A store of traces that only have an id; `added` come while a page is read. */
function growing(ids: number[], added: number) {
  const held = [...ids]
  return {
    lastId: () => held.at(-1) ?? 0,
    page(_filter: object, after: number, limit: number) {
      const page = held.filter((id) => id > after).slice(0, limit)
      for (let at = 0; at < added; at++) held.push((held.at(-1) ?? 0) + 1)
      return page.map((id) => ({ row: { id } }) as FullTrace)
    },
  }
}

it('reads every trace of its start once, in order, and none that comes later, again and again', () => {
  const someIds = fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { maxLength: 60 })
  fc.assert(
    fc.property(someIds, fc.integer({ min: 1, max: 9 }), fc.nat(5), (unordered, size, added) => {
      const ids = unordered.toSorted((a, b) => a - b)
      const pages = snapshotOf(growing(ids, added), {}, size)
      for (let time = 0; time < 2; time++)
        expect([...pages()].flatMap((page) => page.map(({ row }) => row.id))).toEqual(ids)
    }),
  )
})
