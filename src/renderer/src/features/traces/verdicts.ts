import type { FilterInput } from '#shared/contract/filter.ts'
import { claimOf } from '#shared/domain/answers/checking.ts'
import type { Verdict as Answered } from '#shared/domain/answers/types.ts'
import type { AppContext } from '../../app/context.ts'
import type { Row } from './table.svelte.ts'

type Verdict = NonNullable<FilterInput['verdict']>

/**
 * Cairn's verdicts in words, in the order in which they are offered. Why one is unknown differs (no reference, one in
 * prose, answers beyond the limits): the verdict's own reason says it.
 */
export const VERDICT_NAMES: Readonly<Record<Verdict, string>> = {
  correct: 'right',
  incorrect: 'wrong',
  no_answer: 'no answer',
  unknown: 'cannot tell',
  unchecked: 'not checked',
}

/** The verdict on a trace in a word; empty where its answer was not checked. Countdown problems are judged at import. */
export function verdictText({ outcome, verified }: Pick<Row, 'outcome' | 'verified'>): string {
  if (outcome !== null) return VERDICT_NAMES[outcome]
  return verified === null ? '' : VERDICT_NAMES[verified ? 'correct' : 'incorrect']
}

/** Why a verdict is what it is, and by which checker where there was one. */
export const verdictReason = ({ reason, checker }: Pick<Answered, 'reason' | 'checker'>): string =>
  checker === 'none' ? reason : `${reason} · ${checker}`

/** Whether Cairn and the file, which both say something, say different things. */
export function disagrees({
  correct,
  reward,
  verified,
}: Pick<Row, 'correct' | 'reward' | 'verified'>): boolean {
  const claim = claimOf(correct, reward)
  return claim !== null && verified !== null && claim !== verified
}

/** Checks the answers of a selection that have no verdict yet, and says so. */
export async function checkAnswers(
  { engine, session, toasts }: AppContext,
  filter: FilterInput,
): Promise<void> {
  try {
    session.follow(await engine.call('verdicts.start', { filter }))
    toasts.show('Checking the answers. The column “Cairn’s verdict” fills when it is done.', {
      key: 'verify',
    })
  } catch (thrown) {
    toasts.fail(thrown)
  }
}
