import type { GraphMeasure } from '#shared/domain/graph/figures.ts'
import { plain, score, share } from '../../ui/format.ts'

interface MeasureText {
  readonly title: string
  /** What is counted, for a tooltip. */
  readonly what: string
  readonly format: (value: number) => string
}

/** How the measures of reasoning graphs are called and written. */
export const MEASURE_TEXTS: Readonly<Record<GraphMeasure, MeasureText>> = {
  nodes: { title: 'Nodes', what: 'Nodes of the reasoning graph, loops folded', format: plain },
  depth: { title: 'Depth', what: 'Edges on the longest way from the problem', format: plain },
  branching: { title: 'Branching', what: 'Mean children of nodes that have any', format: score },
  dead_ends: { title: 'Dead ends', what: 'Ends of branches that the answer does not rest on', format: plain },
  abandoned_share: { title: 'Abandoned', what: 'Share of words in abandoned branches', format: share },
  first_backtrack: { title: 'First return', what: 'Where the trace first turns back', format: share },
  checks_per_result: { title: 'Checks', what: 'Checks for each result', format: score },
  longest_stretch: { title: 'Stretch', what: 'Most steps in a row without check or return', format: plain },
  wrong_to_right: { title: 'Repaired', what: 'Results corrected from wrong to right', format: plain },
  right_to_wrong: { title: 'Broken', what: 'Results changed from right to wrong', format: plain },
  wrong_equations: { title: 'Wrong sums', what: 'Equations that do not hold', format: plain },
  loops: { title: 'Loops', what: 'Blocks of steps repeated word for word', format: plain },
}

/** A value as a table shows it; nothing where there is none. */
export function measureText(measure: GraphMeasure, value: number | null): string {
  return value === null ? '' : MEASURE_TEXTS[measure].format(value)
}
