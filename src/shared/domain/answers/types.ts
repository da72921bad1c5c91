import type { Json } from '../trace.ts'

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
 * compare with, or the answers are beyond the limits.
 */
export type Outcome = 'correct' | 'incorrect' | 'no_answer' | 'unknown'

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

/** One way of judging answers. Pure: the same input gives the same verdict. */
export interface Checker {
  readonly name: string
  /** For people. */
  readonly title: string
  /** Whether the trace poses a problem of its kind. */
  applies(input: CheckInput): boolean
  check(input: CheckInput): Verdict
}
