import { hashText } from './hash.ts'
import { SYMBOL, type Tokens } from './tokens.ts'

const BOXED = hashText('boxed')
const THINK = hashText('think')
const ANSWER = hashText('answer')

/** Whether the step closes the thinking or gives an answer: `</think>`, `<answer>`, `\boxed`. */
export function givesAnswer(tokens: Tokens): boolean {
  for (let at = 0; at < tokens.count; at++) {
    const hash = tokens.hash[at]!
    if (hash === BOXED) return true
    if ((hash === THINK || hash === ANSWER) && at > 0 && tokens.kind[at - 1] === SYMBOL) {
      const before = tokens.value[at - 1]
      if (before === 0x2f || (before === 0x3c && hash === ANSWER)) return true
    }
  }
  return false
}
