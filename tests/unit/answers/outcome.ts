import { beforeAll } from 'vitest'
import {
  loadLatexParser,
  standardCheckers,
  verifyAnswer,
  type Checker,
} from '#shared/domain/answers/index.ts'

/** What the standard checkers make of a response; call once in a test file. */
export function standardOutcome(): (response: string, reference: string, prompt?: string) => string {
  let checkers: Checker[]
  beforeAll(async () => {
    checkers = standardCheckers(await loadLatexParser())
  })
  return (response, reference, prompt = '') =>
    verifyAnswer({ prompt, response, reference, metadata: {} }, checkers).outcome
}
