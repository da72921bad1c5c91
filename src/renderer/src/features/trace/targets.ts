import type { Annotation } from '#shared/contract/labels.ts'
import type { Behaviour } from '#shared/domain/behaviours.ts'

/** A label that points at something. */
export type Aimed = Annotation & { readonly target: NonNullable<Annotation['target']> }

export const isAimed = (annotation: Annotation): annotation is Aimed =>
  annotation.target !== null && annotation.verdict === 'present'

/** Whether a target is the problem itself and no part of the response. */
export const isProblem = ({ target }: Aimed): boolean => target.end === 0

const SIGNS: Record<Behaviour, string> = {
  verification: '✓',
  backtracking: '↩',
  subgoal_setting: '→',
  backward_chaining: '→',
}
const VERBS: Record<Behaviour, string> = {
  verification: 'checks',
  backtracking: 'returns to',
  subgoal_setting: 'points to',
  backward_chaining: 'points to',
}

/** Steps as people count them, `12` or `4–6`. */
export function stepNumbers({ first, last }: { first: number; last: number }): string {
  return first === last ? String(first + 1) : `${first + 1}–${last + 1}`
}

/** What stands at a label: `↩ 12`, `✓ 4–6`, `↩ problem`; `steps` are those of its target. */
export function targetBadge(behaviour: Behaviour, steps: { first: number; last: number } | null): string {
  return `${SIGNS[behaviour]} ${steps === null ? 'problem' : stepNumbers(steps)}`
}

/** The same in words: `returns to step 12`. */
export function targetWords(behaviour: Behaviour, steps: { first: number; last: number } | null): string {
  if (steps === null) return `${VERBS[behaviour]} the problem`
  return `${VERBS[behaviour]} step${steps.first === steps.last ? '' : 's'} ${stepNumbers(steps)}`
}

/** What is asked of a person who picks a target. */
export function targetQuestion(behaviour: Behaviour): string {
  if (behaviour === 'verification') return 'What does this verification check?'
  if (behaviour === 'backtracking') return 'Where does this backtracking return to?'
  return 'What does this label point to?'
}
