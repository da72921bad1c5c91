import { sameWords } from './clean.ts'
import { extractAnswer, type Extracted } from './extract.ts'
import { valueAt } from '../metadata-path.ts'
import { compilePattern, type CheckerRule } from './rule-schema.ts'
import type { Checker, CheckInput, Compare } from './types.ts'

/** A rule as a checker. Only the last 100,000 characters of a response are searched. */
export function ruleChecker(rule: CheckerRule, compare: Compare): Checker {
  const prompt = rule.prompt === undefined ? null : compilePattern(rule.prompt)
  const referenceOf = ({ reference, metadata }: CheckInput): string | null => {
    if (rule.reference === undefined) return reference
    const value = valueAt(metadata, rule.reference)
    return typeof value === 'string' || typeof value === 'number' ? String(value) : null
  }
  return {
    name: rule.name,
    title: `${rule.name}, of this workspace`,
    applies: (input) => referenceOf(input) !== null && (prompt === null || input.prompt.search(prompt) >= 0),
    check(input) {
      const reference = referenceOf(input)
      const nothing = { checker: rule.name, extracted: null, method: null, reference }
      if (reference === null) return { ...nothing, outcome: 'unknown', reason: 'no reference answer' }
      const found = answerOf(rule, input.response)
      if (found === null) return { ...nothing, outcome: 'no_answer', reason: 'no answer found' }
      const { equal, reason } = compareBy(rule.compare, found.text, reference, compare)
      return {
        checker: rule.name,
        outcome: equal ? 'correct' : 'incorrect',
        extracted: found.text,
        method: found.method,
        reference,
        reason,
      }
    },
  }
}

const TAIL = 100_000
const LONGEST_ANSWER = 2000

function answerOf({ answer }: CheckerRule, response: string): Extracted | null {
  if (answer === undefined) return extractAnswer(response)
  const last = [...response.slice(-TAIL).matchAll(compilePattern(answer)!)].at(-1)
  const text = (last?.[1] ?? last?.[0])?.trim().slice(0, LONGEST_ANSWER)
  return text === undefined || text === '' ? null : { text, method: 'pattern' }
}

function compareBy(how: CheckerRule['compare'], answer: string, reference: string, compare: Compare) {
  if (how === 'value') return compare(answer, reference)
  const equal = how === 'exact' ? answer === reference.trim() : sameWords(answer, reference)
  const what = how === 'exact' ? 'letters' : 'words'
  return { equal, reason: equal ? `the same ${what}` : `different ${what}` }
}
