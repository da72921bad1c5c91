import type { Json } from '../trace.ts'
import { fieldOf } from './fields.ts'
import type { BranchPair } from './branch-pairs.ts'
import type { Rows } from './recipe.ts'
import { givenSteps, namedStep } from './step-labels.ts'
import type { CurateTrace } from './types.ts'

type EditRows = Extract<Rows, { kind: 'edit_pairs' }>

/**
 * What somebody made of a step, or of the whole response, against what the model had written, after the text before
 * it: `revised` names the field with the new text, or a list of them, `step` the one with the step's number. None where
 * the trace has no revision, or its text is the old one.
 */
export function editPairs(trace: CurateTrace, { step, revised }: EditRows): BranchPair[] {
  const texts = revisions(fieldOf(trace, revised))
  const place = step === undefined ? { shared: '', original: trace.response } : originalStep(trace, step)
  if (place === null) return []
  const { shared, original } = place
  return texts
    .filter((text) => text.trim() !== original.trim())
    .map((chosen) => ({ shared, chosen, rejected: original }))
}

function revisions(value: Json): string[] {
  const list = Array.isArray(value) ? (value as readonly Json[]) : [value]
  const texts = list.filter((one) => typeof one === 'string').map((one) => one.trim())
  return [...new Set(texts)].filter((text) => text !== '')
}

/** The step that a field numbers, and the response up to it. */
function originalStep(trace: CurateTrace, field: string): { shared: string; original: string } | null {
  const steps = givenSteps(trace)
  const at = namedStep(trace, field)
  const original = at === null ? undefined : steps[at]
  if (original === undefined || original.trim() === '') return null
  // Equal steps are told apart by those before them.
  let from = 0
  for (const before of steps.slice(0, at!)) {
    const found = trace.response.indexOf(before, from)
    if (found >= 0) from = found + before.length
  }
  const start = trace.response.indexOf(original, from)
  const shared =
    start >= 0
      ? trace.response.slice(0, start)
      : steps
          .slice(0, at!)
          .map((one) => `${one}\n`)
          .join('')
  return { shared, original }
}
