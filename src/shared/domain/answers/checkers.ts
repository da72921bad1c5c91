import { countdownProblem } from '../countdown/problem.ts'
import { verifyCountdown, type CountdownFailure } from '../countdown/verify.ts'
import { choicesOf, chosenLetter, letterOf } from './choices.ts'
import { cleanAnswer, plainWords, sameWords } from './clean.ts'
import { equivalent } from './equivalent.ts'
import { extractAnswer, markedAnswer, statedAnswer, withoutBullet, type Extracted } from './extract.ts'
import type { ParseLatex } from './latex.ts'
import type { CheckerRule } from './rule-schema.ts'
import { ruleChecker } from './rules.ts'
import { splitTop } from './structure.ts'
import type { Checker, CheckInput, Compare, Verdict } from './types.ts'

const COUNTDOWN_REASONS: Readonly<Record<CountdownFailure, string>> = {
  no_answer: 'no <answer> on the last line',
  invalid_characters: 'something other than digits, + - * / ( ) . and spaces',
  wrong_numbers: 'a given number is missing or used twice, or another is used',
  not_an_expression: 'not an expression',
  division_by_zero: 'divides by zero',
  wrong_value: 'another value than the target',
}

/** The Countdown reward of verl, exactly; see `verifyCountdown`. */
export const countdownChecker: Checker = {
  name: 'countdown',
  title: 'Countdown, by the rule of verl',
  applies: ({ prompt, response, metadata }) =>
    (response.includes('<answer>') || prompt.includes('<answer>')) &&
    countdownProblem(prompt, metadata) !== null,
  check({ prompt, response, metadata }) {
    const problem = countdownProblem(prompt, metadata)
    if (problem === null)
      return nothing('countdown', null, 'no Countdown problem in the prompt or the metadata')
    const { correct, failure, answer, value } = verifyCountdown(response, problem)
    const found = value === null || failure !== 'wrong_value' ? '' : ` (${Number(value.toPrecision(8))})`
    return {
      checker: 'countdown',
      outcome: correct ? 'correct' : failure === 'no_answer' ? 'no_answer' : 'incorrect',
      extracted: answer,
      method: answer === null ? null : 'answer_tag',
      reference: `${problem.target} from ${problem.numbers.join(', ')}`,
      reason:
        failure === null ? 'uses every number once and makes the target' : COUNTDOWN_REASONS[failure] + found,
    }
  },
}

/** More words are prose, which can be right in other words. */
const LONGEST_NAME = 4

/** Any answer that is mathematics, compared by value. */
export function mathChecker(compare: Compare): Checker {
  return {
    name: 'math',
    title: 'Mathematics, by value',
    applies: ({ prompt, reference, metadata }) =>
      reference !== null &&
      // One of many solutions is no reference for the others.
      countdownProblem(prompt, metadata) === null &&
      /[\d\\]|^\s*[a-zA-Z]\s*$|[=^]/.test(referenceAnswer(reference)),
    check(input) {
      if (input.reference === null) return nothing('math', null, 'no reference answer')
      const reference = referenceAnswer(input.reference)
      const found = extractAnswer(input.response)
      if (found === null) return { ...nothing('math', reference, 'no answer found'), outcome: 'no_answer' }
      const whole = { text: found.text, ...compare(found.text, reference) }
      const value = whole.decided
        ? null
        : found.method === 'stated'
          ? statedValue(found.text, reference)
          : computedValue(found.text, reference, compare)
      const { text, equal, decided, reason } =
        value === null ? whole : { text: value, ...compare(value, reference) }
      return {
        checker: 'math',
        outcome: equal ? 'correct' : decided || !isOpen(found) ? 'incorrect' : 'unknown',
        extracted: text,
        method: found.method,
        reference,
        reason: decided ? reason : `${reason}, not comparable as mathematics`,
      }
    },
  }
}

/** The value in a sentence: the 17 of "12 + 5 = 17 (see above)". Null where it is the whole sentence. */
function statedValue(sentence: string, reference: string): string | null {
  const said = sentence.replace(/(?<=\S)\s\((?!(?:and|or)\b)[A-Za-z]{2,}.*$/, '')
  // What an equation comes to is no answer to a question for an equation.
  const value = reference.includes('=') || !isChain(said) ? said : splitTop(said, /=/y).at(-1)!
  return value === '' || value === sentence ? null : value
}

/**
 * The 10 of the answers `a + b = 10` and `7 + 3 = 10`, but not of the equation `2x = 10`: on the left is no number beside
 * letters, or what it comes to. Null where that is not so.
 */
function computedValue(text: string, reference: string, compare: Compare): string | null {
  const answer = cleanAnswer(text)
  if (reference.includes('=') || !isChain(answer)) return null
  const sides = splitTop(answer, /=/y)
  const value = sides.pop()!
  const isComputed = (side: string): boolean =>
    !/\d/.test(side.replace(/_\{?\w+\}?/g, '')) || compare(side, value).equal
  return sides.length > 0 && ![...sides, value].includes('') && sides.every(isComputed) ? value : null
}

/** Signs of order are no equations (5!=120 is one), and a sentence of several parts says more than its last one. */
const ORDER = /[<>≤≥≠]|(?<!\d)!=|\\(?:[lgn]e(?:q|qslant)?|[lg]t|not)(?![A-Za-z])/
const PARTS = /[,;](?!\d{3}(?!\d))|\s(?:and|or|so|then|hence|thus|therefore)\s/y

/** Whether a sentence is at most one chain of equations: "12 + 5 = 17 apples", but not "x = 3, y = 5". */
const isChain = (said: string): boolean => !ORDER.test(said) && splitTop(said, PARTS).length === 1

/** Whether a sentence may hold the right value among its words. Marked answers, and a few words alone, are what they are. */
const isOpen = ({ method, text }: Extracted): boolean =>
  method === 'stated' && (/[\d\\]/.test(text) || plainWords(text).split(' ').length > LONGEST_NAME)

/** A letter of the options in the prompt. */
export function choiceChecker(compare: Compare): Checker {
  return {
    name: 'multiple-choice',
    title: 'Multiple choice, by letter',
    applies: ({ prompt, reference }) =>
      reference !== null && letterOf(reference) !== null && choicesOf(prompt).size >= 2,
    check(input) {
      const reference = input.reference === null ? null : letterOf(input.reference)
      if (reference === null) return nothing('multiple-choice', input.reference, 'the reference is no letter')
      const choices = choicesOf(input.prompt)
      const letter = chosenLetter(input.response, choices, compare)
      if (letter === null) {
        return { ...nothing('multiple-choice', reference, 'no option chosen'), outcome: 'no_answer' }
      }
      const right = letter === reference
      return {
        checker: 'multiple-choice',
        outcome: right ? 'correct' : 'incorrect',
        extracted: letter,
        method: 'choice',
        reference,
        reason: right ? 'the right option' : 'another option',
      }
    },
  }
}

/** A response that is nothing but its answer. */
function shortResponse(response: string): Extracted | null {
  const text = withoutBullet(response.trim())
  return text === '' || text.length > 80 || text.includes('\n') ? null : { text, method: 'response' }
}

/** The same words as the reference, whatever their case and punctuation. */
export const textChecker: Checker = {
  name: 'text',
  title: 'Text, by words',
  applies: ({ prompt, reference, metadata }) =>
    reference !== null && plainWords(reference) !== '' && countdownProblem(prompt, metadata) === null,
  check({ response, reference }) {
    if (reference === null) return nothing('text', null, 'no reference answer')
    if (plainWords(reference).split(' ').length > LONGEST_NAME)
      return nothing('text', reference, 'a reference in prose: words alone do not tell')
    const found = markedAnswer(response) ?? statedAnswer(response) ?? shortResponse(response)
    if (found === null) return { ...nothing('text', reference, 'no answer found'), outcome: 'no_answer' }
    const equal = sameWords(found.text, reference)
    return {
      checker: 'text',
      outcome: equal ? 'correct' : 'incorrect',
      extracted: found.text,
      method: found.method,
      reference,
      reason: equal ? 'the same words' : 'different words',
    }
  },
}

/** The checkers in the order in which they are asked whether a trace is theirs: a workspace's rules come first. */
export function standardCheckers(parse: ParseLatex, rules: readonly CheckerRule[] = []): Checker[] {
  const compare: Compare = (answer, reference) => equivalent(answer, reference, parse)
  return [
    ...rules.map((rule) => ruleChecker(rule, compare)),
    countdownChecker,
    choiceChecker(compare),
    mathChecker(compare),
    textChecker,
  ]
}

/**
 * Judges a trace by the named checker, or by the first that applies; a workspace puts its own first.
 * @throws RangeError when no checker has the name
 */
export function verifyAnswer(input: CheckInput, checkers: readonly Checker[], name?: string): Verdict {
  if (name !== undefined) {
    const named = checkers.find((checker) => checker.name === name)
    if (named === undefined)
      throw new RangeError(
        `there is no checker "${name}"; known are ${checkers.map((one) => one.name).join(', ')}`,
      )
    return named.check(input)
  }
  const checker = checkers.find((one) => one.applies(input))
  return checker?.check(input) ?? nothing('none', input.reference, 'nothing to compare with')
}

/** A reference may be a whole solution: its marked answer counts then. */
function referenceAnswer(reference: string): string {
  return markedAnswer(reference)?.text ?? reference.trim()
}

function nothing(checker: string, reference: string | null, reason: string): Verdict {
  return { checker, outcome: 'unknown', extracted: null, method: null, reference, reason }
}
