import type { Json } from '../trace.ts'
import { fieldOf } from './fields.ts'
import type { Rows } from './recipe.ts'
import type { Subject } from './subject.ts'
import { failedSteps } from './transforms.ts'
import type { CurateTrace } from './types.ts'

type StepRows = Extract<Rows, { kind: 'steps' }>

/** The steps of a trace as text, and whether each is right. */
export interface StepRow {
  readonly completions: readonly string[]
  readonly labels: readonly boolean[]
}

/**
 * Step labels for a process reward model. `graph`: steps in branches that the answer does not rest on are wrong, of
 * traces whose correctness is known (in an incorrect one no step leads to the answer, so that its last branch is wrong
 * too). `first_wrong`: steps up to the one that a field names are right, and the row ends there, as in PRM800K; a field
 * without a number means that all are right. Null where the trace does not say.
 */
export function labelledSteps(subject: Subject, { labels, field }: StepRows): StepRow | null {
  return labels === 'graph' ? fromGraph(subject) : fromField(subject, field ?? 'mistake_index')
}

function fromGraph(subject: Subject): StepRow | null {
  const correct = subject.correct()
  const { steps } = subject.evidence()
  if (correct === null || steps.length === 0) return null
  const failed = failedSteps(subject.graph())
  const texts = steps.map(({ start, end }) => subject.trace.response.slice(start, end))
  // Tags and the like are no steps of reasoning.
  const real = texts.map((text) => /[\p{L}\p{N}]/u.test(text.replace(/<\/?\w+>/g, '')))
  const last = real.lastIndexOf(true)
  return {
    completions: texts.filter((_, at) => real[at]),
    labels: failed.map((lost, at) => !lost && (correct || at !== last)).filter((_, at) => real[at]),
  }
}

/** Names whose numbers count from 1. */
const FROM_ONE = /first_error_step/i

function fromField({ trace }: Subject, field: string): StepRow | null {
  const steps = givenSteps(trace)
  if (!hasField(trace.metadata, field) || steps.length === 0) return null
  const wrong = namedStep(trace, field)
  if (wrong === null) return { completions: steps, labels: steps.map(() => true) }
  if (wrong < 0 || wrong >= steps.length) return null
  return {
    completions: steps.slice(0, wrong + 1),
    labels: steps.slice(0, wrong + 1).map((_, at) => at < wrong),
  }
}

/** Index of the step whose number a field holds, from 0; null where it holds none. */
export function namedStep(trace: CurateTrace, field: string): number | null {
  const value = fieldOf(trace, field)
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  if (typeof number !== 'number') return null
  const at = FROM_ONE.test(field) ? number - 1 : number
  return Number.isInteger(at) ? at : -1
}

const hasField = (metadata: { readonly [key: string]: Json }, field: string): boolean =>
  Object.hasOwn(metadata, field.replace(/^metadata\./, '').split(/[.[]/)[0]!)

/** Steps as the file has them, else the lines of the response. */
export function givenSteps({ metadata, response }: CurateTrace): readonly string[] {
  for (const name of ['steps', 'Model_Solution_Steps']) {
    const list = metadata[name]
    if (Array.isArray(list) && list.every((one) => typeof one === 'string')) return list
  }
  return response.split('\n').filter((line) => line.trim() !== '')
}
