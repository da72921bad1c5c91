import type { Filter } from './filter-schema.ts'
import { characters } from './lengths.ts'
import type { FilterContext, Subject } from './subject.ts'
import { partsOf } from './thought.ts'

/** The length that a filter asks for, in its own unit. */
export function lengthOf(
  { of, in: unit }: NonNullable<Filter['length']>,
  subject: Subject,
  { counter }: Pick<FilterContext, 'counter'>,
): number {
  const { trace } = subject
  const text = of === 'prompt' ? trace.prompt : of === 'response' ? trace.response : thoughtOf(trace.response)
  if (unit === 'characters') return characters(text)
  if (unit === 'tokens') return counter.count(text)
  if (of === 'prompt') return 0
  const { steps } = subject.evidence()
  if (of === 'response') return steps.length
  const { thought } = partsOf(trace.response)
  return steps.filter(({ start, end }) => start >= thought.start && end <= thought.end).length
}

function thoughtOf(text: string): string {
  const { thought } = partsOf(text)
  return text.slice(thought.start, thought.end)
}
