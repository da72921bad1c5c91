import type { Span } from './trace.ts'

/** What a person says of a span. */
export interface Saying<B extends string = string> extends Span {
  readonly behaviour: B
  readonly annotator: string
  readonly verdict: 'present' | 'absent'
}

/** With when they said it; null where that is not known. */
type Dated = Saying & { readonly at: string | null }

/** What a person can have said but one thing of. */
const placeOf = ({ start, end, behaviour, annotator }: Saying) =>
  JSON.stringify([start, end, behaviour, annotator])

/** Whether a label says otherwise than it did, or says it of another span; a new target or note says the same. */
export function saysAnew(before: Saying | null, after: Saying): boolean {
  return before === null || before.verdict !== after.verdict || placeOf(before) !== placeOf(after)
}

/** A time as a number to compare by; one that is not known lies before all others. */
export function timeOf(at: string | null | undefined): number {
  const time = Date.parse(at ?? '')
  return Number.isNaN(time) ? -Infinity : time
}

/** Whether something was said after something else; not where either time is not known. */
export function isLater(at: string | null, other: string | null): boolean {
  return at !== null && other !== null && Date.parse(at) > Date.parse(other)
}

/**
 * Labels without those that their person took back by saying otherwise of the same span and behaviour: later, or further
 * down where the times are the same. What has no time was said before all that has one.
 */
export function lastSaid<T extends Dated>(labels: readonly T[]): T[] {
  const last = new Map<string, T>()
  for (const label of labels) {
    const known = last.get(placeOf(label))
    if (known === undefined || timeOf(label.at) >= timeOf(known.at)) last.set(placeOf(label), label)
  }
  return labels.filter((label) => last.get(placeOf(label))!.verdict === label.verdict)
}

/**
 * When each label's person last said that of its span and behaviour: the newest time of several that say the same.
 * @param labels of `lastSaid`: of one span and behaviour a person's labels all say the same
 */
export function timesSaid(labels: readonly Dated[]): (string | null)[] {
  const newest = new Map<string, string | null>()
  for (const label of labels) {
    const known = newest.get(placeOf(label))
    if (known === undefined || known === null || isLater(label.at, known))
      newest.set(placeOf(label), label.at)
  }
  return labels.map((label) => newest.get(placeOf(label))!)
}
