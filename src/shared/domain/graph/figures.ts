import type { Measures } from './measures.ts'

/** The measures of a graph that a table shows, filters and sorts by, in the order of its columns. */
export const GRAPH_MEASURES = [
  'nodes',
  'depth',
  'branching',
  'dead_ends',
  'abandoned_share',
  'first_backtrack',
  'checks_per_result',
  'longest_stretch',
  'wrong_to_right',
  'right_to_wrong',
  'wrong_equations',
  'loops',
] as const
export type GraphMeasure = (typeof GRAPH_MEASURES)[number]

/** Null where a measure has no meaning, as the first return of a trace that never turns back. */
export type GraphFigures = Record<GraphMeasure, number | null>

export function figuresOf(measures: Measures): GraphFigures {
  const all = { ...measures, ...measures.repairs }
  return Object.fromEntries(GRAPH_MEASURES.map((name) => [name, all[name]])) as GraphFigures
}
