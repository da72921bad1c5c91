import { hashText } from './hash.ts'
import { NUMBER, WORD, type Tokens } from './tokens.ts'

/** What a number puzzle's prompt asks for. */
export interface Problem {
  /** The number to reach; NaN when the prompt names none. */
  target: number
  /** How many numbers are given before it. */
  given: number
}

const ANNOUNCES = new Set(
  ['equals', 'equal', 'target', 'reach', 'make', 'makes', 'get', 'obtain'].map(hashText),
)

/** Finds "… equals 24", "target: 24", "to make 24" in a prompt's tokens; the first one counts. */
export function readProblem(tokens: Tokens): Problem {
  let given = 0
  for (let at = 0; at < tokens.count; at++) {
    if (tokens.kind[at] !== NUMBER) continue
    for (let back = at - 1; back >= 0 && back >= at - 3 && tokens.kind[back] !== NUMBER; back--) {
      if (tokens.kind[back] === WORD && ANNOUNCES.has(tokens.hash[back]!))
        return { target: tokens.value[at]!, given }
    }
    given++
  }
  return { target: NaN, given: 0 }
}
