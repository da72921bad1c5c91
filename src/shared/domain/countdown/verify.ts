import { evaluate, parseExpression } from './expression.ts'
import type { CountdownProblem } from './problem.ts'
import { isWithin, parseDecimal, rational, toNumber } from './rational.ts'

/** Why an answer does not solve its problem. */
export type CountdownFailure =
  | 'no_answer' // nothing was extracted from the last line
  | 'invalid_characters' // something other than digits + - * / ( ) . and spaces, such as − × ÷ or =
  | 'wrong_numbers' // a given number is missing, used twice, or another number is used
  | 'not_an_expression'
  | 'division_by_zero'
  | 'wrong_value'

/** What the Countdown rule makes of a response. */
export interface CountdownVerdict {
  /** The rule's reward: 1 solved, 0.1 an answer that does not solve it, 0 no answer. */
  score: 0 | 0.1 | 1
  correct: boolean
  /** Null exactly when `correct`. */
  failure: CountdownFailure | null
  /** The extracted answer, without surrounding white space. */
  answer: string | null
  /** The answer's value, as a double; null when it is not an expression or divides by zero. */
  value: number | null
}

const TOLERANCE = rational(1n, 100_000n)!

/** What Python's `str.strip` removes; `\s` of JavaScript adds U+FEFF and lacks U+001C–U+001F and U+0085. */
const PYTHON_SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]'
const OUTER_SPACE = new RegExp(`^${PYTHON_SPACE}+|${PYTHON_SPACE}+$`, 'g')

/**
 * Scores a response by verl's Countdown reward (the rule of TinyZero, used by Gandhi et al. 2025): the
 * last `<answer>…</answer>` on the response's last line counts; it must use every given number exactly
 * once, hold only digits, `+ - * / ( ) .` and spaces, and come within 1e-5 of the target.
 *
 * The rule is strict in ways other verifiers are not, and it is kept exactly so that a score here is
 * the reward a training run saw: a line break after `</answer>`, or an answer tag above the last
 * line, means no answer; typographic operators (`−`, `×`, `÷`) and a trailing `= 24` are invalid
 * characters; numbers are the runs of digits, so `2.5` uses 2 and 5. Three things differ, none within
 * the task: values are exact fractions instead of doubles; Python's `**` and `//`, and a carriage
 * return inside parentheses, which the reference evaluates, are no expression here.
 *
 * @param response the assistant's turn alone, without the prompt
 */
export function verifyCountdown(response: string, problem: CountdownProblem): CountdownVerdict {
  const answer = extractAnswer(response)
  if (answer === null) return { score: 0, correct: false, failure: 'no_answer', answer: null, value: null }
  const { failure, value } = judge(answer, problem)
  return { score: failure === null ? 1 : 0.1, correct: failure === null, failure, answer, value }
}

/** The last `<answer>…</answer>` on the last line, in one linear scan; null when there is none. */
function extractAnswer(response: string): string | null {
  const line = response.slice(response.lastIndexOf('\n') + 1)
  let answer: string | null = null
  for (let from = 0; ;) {
    const open = line.indexOf('<answer>', from)
    const close = open < 0 ? -1 : line.indexOf('</answer>', open)
    if (close < 0) return answer?.replace(OUTER_SPACE, '') ?? null
    answer = line.slice(open + '<answer>'.length, close)
    from = close + '</answer>'.length
  }
}

function judge(
  answer: string,
  { numbers, target }: CountdownProblem,
): { failure: CountdownFailure | null; value: number | null } {
  if (!/^[\d+\-*/().\s]*$/.test(answer)) return { failure: 'invalid_characters', value: null }
  const expression = parseExpression(answer)
  const exact = expression && evaluate(expression)
  const value = exact && toNumber(exact)
  if (!usesExactly(answer, numbers)) return { failure: 'wrong_numbers', value }
  if (expression === null) return { failure: 'not_an_expression', value }
  if (exact === null) return { failure: 'division_by_zero', value }
  const goal = parseDecimal(String(target))
  const solved = goal !== null && isWithin(exact, goal, TOLERANCE)
  return { failure: solved ? null : 'wrong_value', value }
}

function usesExactly(answer: string, numbers: readonly number[]): boolean {
  const used = (answer.match(/\d+/g) ?? []).map((digits) => digits.replace(/^0+(?=\d)/, ''))
  return used.sort().join(' ') === numbers.map(String).sort().join(' ')
}
