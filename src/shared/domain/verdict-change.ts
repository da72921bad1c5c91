import type { Behaviour } from './behaviours.ts'
import type { Saying } from './last-said.ts'
import { lastWord } from './last-word.ts'
import type { Span } from './trace.ts'

type Verdict = Saying['verdict']

/** What of a label is needed to tell whether it says this or otherwise. */
type Said = Saying<Behaviour> & { readonly id: number }

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
export function verdictChange(labels: readonly Said[], judgement: Judgement): VerdictChange {
  const { span, behaviour, verdict } = judgement
  const own = ownOf(labels, judgement)
  if (own.length === 0) return { add: [{ span, behaviour, verdict }] }
  const otherwise = own.filter((one) => one.verdict !== verdict)
  return otherwise.length === 0 ? {} : { update: otherwise.map(({ id }) => ({ id, verdict })) }
}

/** With when it was said, and what else it tells. */
type Dated = Said & { readonly at: string; readonly target: Span | null; readonly note: string }

interface LastWordChange extends VerdictChange {
  readonly add?: { span: Span; behaviour: Behaviour; verdict: Verdict; target?: Span | null; note?: string }[]
  readonly remove?: number[]
}

/**
 * What it takes for a person to have the last word on a span. What they say already is said anew where somebody else,
 * or a label of theirs on another span, has spoken since: the newest verdict counts.
 */
export function lastWordChange(labels: readonly Dated[], judgement: Judgement): LastWordChange {
  const { span, behaviour, annotator, verdict } = judgement
  const change = verdictChange(labels, judgement)
  const last = lastWord(labels, span, behaviour)
  if (change.add || change.update || last === null) return change
  if (last.annotator === annotator && last.verdict === verdict) return change
  const own = ownOf(labels, judgement)
  return {
    remove: own.map(({ id }) => id),
    add: own.map(({ target, note }) => ({ span, behaviour, verdict, target, note })),
  }
}

const ownOf = <T extends Said>(labels: readonly T[], { span, behaviour, annotator }: Judgement): T[] =>
  labels.filter(
    (one) =>
      one.start === span.start &&
      one.end === span.end &&
      one.behaviour === behaviour &&
      one.annotator === annotator,
  )
