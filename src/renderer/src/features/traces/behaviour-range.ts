import type { FilterInput } from '#shared/contract/filter.ts'

type Wanted = NonNullable<FilterInput['behaviours']>[number] | NonNullable<FilterInput['own']>[number]
export type Unit = NonNullable<Wanted['unit']>
export type Side = 'min' | 'max'

/** What a range counts. */
export const unitOf = ({ unit }: Wanted): Unit => unit ?? 'steps'

/**
 * A list with one side of one behaviour's range changed; without both sides the behaviour goes. One that is there
 * keeps its unit, a new one has that given.
 */
export function changed<T extends Wanted>(
  list: readonly T[],
  behaviour: T['behaviour'],
  unit: Unit,
  side: Side,
  text: string,
): T[] {
  const at = list.findIndex((one) => one.behaviour === behaviour)
  const before = list[at]
  const typed = Math.trunc(Number(text))
  const value = text.trim() === '' || !(typed >= 0) ? undefined : typed
  const range = { min: before?.min, max: before?.max, [side]: value }
  if (range.min === undefined && range.max === undefined) return list.filter((one) => one !== before)
  const one = { behaviour, unit: before === undefined ? unit : unitOf(before), ...range } as unknown as T
  return before === undefined ? [...list, one] : list.with(at, one)
}
