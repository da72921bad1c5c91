import { standardCheckers, verifyAnswer } from './checkers.ts'
import { STANDARD_CHECKING, type Checking } from './checking.ts'
import type { ParseLatex } from './latex.ts'
import type { CheckInput, Verdict } from './types.ts'

/** A trace as its answer is checked. */
export interface Answered extends CheckInput {
  readonly messages: readonly { readonly content: string }[] | null
}

/** Judges traces in one way. */
export function createVerifier(
  parse: ParseLatex,
  { checker, rules }: Checking = STANDARD_CHECKING,
): (trace: Answered) => Verdict {
  const checkers = standardCheckers(parse, rules)
  return ({ prompt, messages, response, reference, metadata }) => {
    const asked = messages?.map(({ content }) => content).join('\n\n') ?? prompt
    return verifyAnswer({ prompt: asked, response, reference, metadata }, checkers, checker ?? undefined)
  }
}
