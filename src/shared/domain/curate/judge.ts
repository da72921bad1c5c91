import { createVerifier, type Checking, type Outcome, type ParseLatex } from '../answers/index.ts'
import type { CurateTrace } from './types.ts'

/** Judges a trace as `cairn verify` does. */
export type Judge = (trace: CurateTrace) => Outcome

export function createJudge(parse: ParseLatex, checking?: Checking): Judge {
  const verify = createVerifier(parse, checking)
  return (trace) => verify(trace).outcome
}
