import { expect, it } from 'vitest'
import { changed } from '#renderer/features/traces/behaviour-range.ts'
import type { FilterInput } from '#shared/contract/filter.ts'

type Wanted = NonNullable<FilterInput['behaviours']>
const mixed: Wanted = [
  { behaviour: 'backtracking', unit: 'steps', min: 2 },
  { behaviour: 'verification', unit: 'episodes', min: 1 },
]

it('a range that is changed counts what it counted before, and keeps its place', () => {
  expect(changed(mixed, 'verification', 'steps', 'max', '4')).toEqual([mixed[0], { ...mixed[1], max: 4 }])
  expect(changed(mixed, 'backtracking', 'episodes', 'min', '3')).toEqual([{ ...mixed[0], min: 3 }, mixed[1]])
  // Steps, where nothing is said.
  expect(changed([{ behaviour: 7, min: 1 }], 7, 'episodes', 'min', '2')).toEqual([
    { behaviour: 7, unit: 'steps', min: 2 },
  ])
})

it('a new range counts what is asked for, and one without sides goes', () => {
  expect(changed(mixed, 'subgoal_setting', 'episodes', 'max', ' 5.9 ')).toEqual([
    ...mixed,
    { behaviour: 'subgoal_setting', unit: 'episodes', max: 5 },
  ])
  expect(changed(mixed, 'backtracking', 'steps', 'min', '')).toEqual([mixed[1]])
  expect(changed<Wanted[number]>([], 'backtracking', 'steps', 'min', '-1')).toEqual([])
})
