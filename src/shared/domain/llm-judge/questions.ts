import type { Behaviour } from '../behaviours.ts'

/** Changes with any word of the questions: counts of different questions are not compared. */
export const QUESTIONS_VERSION = 1

const WHAT: Record<Behaviour, string> = {
  verification:
    'checks a result or a step: works something out a second time, puts a value back in, or compares what came out with what was wanted',
  backtracking:
    'gives up, takes back or revises something done before and goes on from an earlier point, or starts on another approach',
  subgoal_setting:
    'names an intermediate goal, part or case that is to be dealt with on the way to the whole problem',
  backward_chaining:
    'starts from what is wanted and works out what would have to hold or be reached just before it',
}

/**
 * The question how often a behaviour shows in a response, in the manner of Gandhi et al. 2025, who ask a
 * language model once for each behaviour and read a number out of `<count>…</count>`.
 */
export function countQuestion(behaviour: Behaviour, problem: string, response: string): string {
  return `Here is a problem, and how someone works on it.

<problem>
${problem}
</problem>

<work>
${response}
</work>

Count the distinct places in the work where the writer ${WHAT[behaviour]}. Passages that directly continue the same such place count once. Quote the places briefly if that helps you, then end with their number in this form, 0 if there are none:
<count>number</count>`
}

/** The number in the last `<count>…</count>` of an answer; null when there is none. */
export function readCount(answer: string): number | null {
  const found = [...answer.matchAll(/<count>\s*(\d{1,6})\s*<\/count>/gi)].at(-1)
  return found === undefined ? null : Number(found[1])
}
