import type { Behaviour } from './behaviours.ts'
import type { Span } from './trace.ts'

type Verdict = 'present' | 'absent'

/** What of a label is needed to tell whether it says this or otherwise. */
interface Said extends Span {
  readonly id: number
  readonly behaviour: Behaviour
  readonly annotator: string
  readonly verdict: Verdict
}

/** What a person says of a span. */
export interface Judgement {
  readonly span: Span
  readonly behaviour: Behaviour
  readonly annotator: string
  readonly verdict: Verdict
}

interface VerdictChange {
  readonly add?: { span: Span; behaviour: Behaviour; verdict: Verdict }[]
  readonly update?: { id: number; verdict: Verdict }[]
}

/**
 * What it takes for a person to say this of exactly this span; nothing where they do. A label of theirs
 * that says otherwise changes: a second one beside it would leave both said.
 */
export function verdictChange(
  labels: readonly Said[],
  { span, behaviour, annotator, verdict }: Judgement,
): VerdictChange {
  const own = labels.filter(
    (one) =>
      one.start === span.start &&
      one.end === span.end &&
      one.behaviour === behaviour &&
      one.annotator === annotator,
  )
  if (own.length === 0) return { add: [{ span, behaviour, verdict }] }
  const otherwise = own.filter((one) => one.verdict !== verdict)
  return otherwise.length === 0 ? {} : { update: otherwise.map(({ id }) => ({ id, verdict })) }
}
