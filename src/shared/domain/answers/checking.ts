import { z } from 'zod'
import { CheckerRule } from './rule-schema.ts'
import { CHECKERS } from './types.ts'

/** Changes when Cairn's own checkers judge otherwise: older verdicts are then made anew. */
const CHECKERS_VERSION = 6

/** How answers are checked: by the first checker that applies, or by one that is named. */
export const Checking = z
  .strictObject({
    /** Of Cairn or of the rules; null lets each trace choose. */
    checker: z.string().nullable().default(null),
    /** Asked before Cairn's own. */
    rules: z.array(CheckerRule).max(50).default([]),
  })
  .superRefine(({ checker, rules }, context) => {
    const names: readonly string[] = [...rules.map(({ name }) => name), ...CHECKERS]
    if (checker !== null && !names.includes(checker))
      context.addIssue({
        code: 'custom',
        path: ['checker'],
        message: `there is no checker "${checker}"; known are ${names.join(', ')}`,
      })
    if (new Set(names).size < names.length)
      context.addIssue({
        code: 'custom',
        path: ['rules'],
        message: `two checkers have one name; Cairn's own are ${CHECKERS.join(', ')}`,
      })
  })
export type Checking = z.infer<typeof Checking>

/** Cairn's own checkers, each trace choosing. */
export const STANDARD_CHECKING: Checking = { checker: null, rules: [] }

/** Equal for ways of checking that judge every trace the same. */
export const checkingKey = (checking: Checking): string => JSON.stringify([CHECKERS_VERSION, checking])

/**
 * What a file says of its trace: `correct`, else a reward that is plainly a verdict, 1 or 0 (or −1). Other rewards are
 * scores of which nobody knows where right begins; null then.
 */
export function claimOf(correct: boolean | null, reward: number | null): boolean | null {
  if (correct !== null) return correct
  if (reward === 1) return true
  return reward === 0 || reward === -1 ? false : null
}
