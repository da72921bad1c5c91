import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createStratumNames } from '#shared/domain/curate/stratum-names.ts'

it('keeps letters of every script, and what is no name of a folder apart', () => {
  const { of } = createStratumNames()
  expect(
    ['数学', '物理', 'Алгебра', 'a b', 'a_b', 'a/b', 'A_B', '..', '', '250'].map((one) => of([one])),
  ).toEqual(['数学', '物理', 'Алгебра', 'a_b', 'a_b-2', 'a_b-3', 'A_B-4', '_', '_-2', '250'])
  expect(of(['a b'])).toBe('a_b')
  expect([of(['\u00e9']), of(['e\u0301'])]).toEqual(['\u00e9', '\u00e9-2'])
  const long = Array.from({ length: 2 }, (_, at) => of(Array<string>(4).fill('数'.repeat(80) + String(at))))
  expect(new Set(long).size).toBe(2)
  for (const name of long) expect(Buffer.byteLength(name)).toBeLessThan(220)
  expect([of(['a-b', 'c']), of(['a', 'b-c'])]).toEqual(['a-b-c', 'a-b-c-2'])
})

it('gives other values another name, safe in a path, the same again whenever they come back', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.constantFrom('.', '..', '/', '\ud800', 'x'),
  )
  fc.assert(
    fc.property(fc.array(fc.array(text, { minLength: 1, maxLength: 3 }), { maxLength: 20 }), (all) => {
      const { of } = createStratumNames()
      const names = all.map(of)
      expect(all.map(of)).toEqual(names)
      const combinations = new Set(all.map((values) => JSON.stringify(values)))
      expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(combinations.size)
      for (const name of names) expect(name).toMatch(/^(?!\.+$)[\p{L}\p{M}\p{N}_.-]+$/u)
    }),
  )
})
