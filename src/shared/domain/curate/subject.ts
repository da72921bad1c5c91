import { buildGraph } from '../graph/index.ts'
import { measure, type Measures } from '../graph/measures.ts'
import type { ReasoningGraph } from '../graph/types.ts'
import { BEHAVIOURS } from '../behaviours.ts'
import type { Outcome } from '../answers/index.ts'
import { countShown, evidenceOf, type Evidence } from './evidence.ts'
import type { Labels } from './recipe.ts'
import type { CurateTrace, LabelledStep, TokenCounter } from './types.ts'
import type { Judge } from './judge.ts'

/** A trace, and what filters ask of it, worked out when first asked for. */
export interface Subject {
  readonly trace: CurateTrace
  evidence(): Evidence
  counts(unit: 'steps' | 'episodes'): readonly number[]
  verdict(): Outcome
  correct(): boolean | null
  graph(): ReasoningGraph
  measures(): Measures
}

export interface Knowledge {
  readonly labels: Labels
  readonly judge: Judge
  readonly counter: TokenCounter
}

/** Share of correct samples of every prompt, by `promptKey`. */
export type SolveRates = ReadonlyMap<number, { readonly correct: number; readonly samples: number }>

/** What filters need besides the trace. `rates` is only read where `needsSolveRates` says so. */
export interface FilterContext extends Knowledge {
  readonly rates: SolveRates
}

export function subjectOf(trace: CurateTrace, { labels, judge }: Knowledge): Subject {
  const evidence = once(() => evidenceOf(trace, labels))
  const steps = once(() => countShown(evidence().steps, 'steps'))
  const episodes = once(() => countShown(evidence().steps, 'episodes'))
  const verdict = once(() => judge(trace))
  const flat = once(() => flatSteps(evidence().steps))
  const graph = once(() =>
    buildGraph({ text: trace.response, ...flat(), prompt: trace.prompt, metadata: trace.metadata }),
  )
  const measures = once(() => measure(graph(), trace.response, flat().bounds, flat().shown))
  const correct = (): boolean | null => {
    if (trace.correct !== null) return trace.correct
    return verdict() === 'unknown' ? null : verdict() === 'correct'
  }
  return {
    trace,
    evidence,
    counts: (unit) => (unit === 'steps' ? steps() : episodes()),
    verdict,
    correct,
    graph,
    measures,
  }
}

/** Steps as the graph takes them: `[start, end, …]`, and steps × behaviours, 1 where a step shows one. */
export function flatSteps(steps: readonly LabelledStep[]): { bounds: Uint32Array; shown: Uint8Array } {
  const width = BEHAVIOURS.length
  const bounds = new Uint32Array(steps.length * 2)
  const shown = new Uint8Array(steps.length * width)
  for (const [at, { start, end, shows }] of steps.entries()) {
    bounds[at * 2] = start
    bounds[at * 2 + 1] = end
    for (let bit = 0; bit < width; bit++) shown[at * width + bit] = (shows >> bit) & 1
  }
  return { bounds, shown }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null
  return () => (made ??= { value: make() }).value
}
