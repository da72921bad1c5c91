import type { Json } from '../trace.ts'
import type { Equivalence } from './equivalent.ts'

/** Names of Cairn's own checkers, in the order in which they are asked. */
export const CHECKERS = ['countdown', 'multiple-choice', 'math', 'text'] as const

/** What a checker is told of a trace. */
export interface CheckInput {
  /** The prompt, with the messages before it where there are some. */
  readonly prompt: string
  readonly response: string
  readonly reference: string | null
  readonly metadata: { readonly [key: string]: Json }
}

/**
 * `no_answer`: nothing was found that the response gives as its answer. `unknown`: there is nothing to
 * compare with, the answers are beyond the limits, or a sentence is given from which none can be told.
 */
export const OUTCOMES = ['correct', 'incorrect', 'no_answer', 'unknown'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** What a checker makes of a trace. */
export interface Verdict {
  readonly checker: string
  readonly outcome: Outcome
  /** The answer as it was found, and how. */
  readonly extracted: string | null
  readonly method: ExtractionMethod | null
  /** What it was compared with. */
  readonly reference: string | null
  /** Why, in a few words. */
  readonly reason: string
}

export type ExtractionMethod =
  | 'boxed' // \boxed{…}
  | 'answer_tag' // <answer>…</answer>
  | 'hashes' // #### … (GSM8K)
  | 'stated' // the answer is …
  | 'choice' // a letter of the options
  | 'last_formula' // the last formula of the last paragraph
  | 'last_number'
  | 'response' // a short response as a whole
  | 'pattern' // by a rule of the workspace

/** One way of judging answers. Pure: the same input gives the same verdict. */
export interface Checker {
  readonly name: string
  /** For people. */
  readonly title: string
  /** Whether the trace poses a problem of its kind. */
  applies(input: CheckInput): boolean
  check(input: CheckInput): Verdict
}

/** Compares two answers; `equivalent` with a LaTeX parser, or a host's own. */
export type Compare = (answer: string, reference: string) => Equivalence
