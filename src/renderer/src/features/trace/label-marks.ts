import type { Annotation } from '#shared/contract/labels.ts'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import type { Span } from '#shared/domain/trace.ts'

/** Lines under a piece of text that the space between two lines of text can hold. */
export const LANES = 4
/** More labels on one another look the same. */
const DEEPEST = 3

/** A stretch of text over which the same number of labels say the same. Offsets are UTF-16. */
export interface Mark extends Span {
  readonly behaviour: Behaviour
  readonly verdict: Annotation['verdict']
  /** Which line below the text it has: marks that overlap have different ones. */
  readonly lane: number
  /** How many labels lie on one another, up to three. */
  readonly depth: number
}

interface Run extends Span {
  readonly behaviour: Behaviour
  readonly verdict: Annotation['verdict']
  readonly parts: readonly Part[]
}

type Part = { start: number; end: number; depth: number }

/**
 * What there is to draw for labels, ordered by start. Labels that say the same share one line, however
 * many they are and whoever made them, and where they overlap the line is heavier: so hundreds in one
 * place stay legible, and what is drawn grows with the text, not with the labels.
 */
export function mergeLabels(annotations: readonly Annotation[]): Mark[] {
  const groups = Map.groupBy(annotations, ({ behaviour, verdict }) => `${behaviour} ${verdict}`)
  const runs = [...groups.values()].flatMap(runsOf)
  // What people see there comes first: it gets the lines nearest to the text.
  runs.sort(
    (a, b) =>
      a.start - b.start ||
      Number(a.verdict === 'absent') - Number(b.verdict === 'absent') ||
      BEHAVIOURS.indexOf(a.behaviour) - BEHAVIOURS.indexOf(b.behaviour),
  )
  const free: number[] = []
  const marks: Mark[] = []
  for (const { behaviour, verdict, parts, start, end } of runs) {
    let lane = free.findIndex((until) => until <= start)
    if (lane < 0) lane = free.length
    free[lane] = end
    for (const part of parts) marks.push({ ...part, behaviour, verdict, lane })
  }
  return marks.sort((a, b) => a.start - b.start || b.end - a.end || a.lane - b.lane)
}

/** Labels of one kind as runs without gaps, each in parts of the same depth. */
function runsOf(labels: readonly Annotation[]): Run[] {
  const { behaviour, verdict } = labels[0]!
  const runs: { behaviour: Behaviour; verdict: Run['verdict']; parts: Part[]; start: number; end: number }[] =
    []
  for (const part of partsOf(labels)) {
    const run = runs.at(-1)
    const last = run?.parts.at(-1)
    if (run === undefined || run.end < part.start)
      runs.push({ behaviour, verdict, parts: [part], start: part.start, end: part.end })
    else {
      if (last?.depth === part.depth) last.end = part.end
      else run.parts.push(part)
      run.end = part.end
    }
  }
  return runs
}

/** Stretches that at least one label covers, cut wherever a label begins or ends. */
function partsOf(labels: readonly Annotation[]): Part[] {
  const starts = Float64Array.from(labels, ({ start }) => start).sort()
  const ends = Float64Array.from(labels, ({ end }) => end).sort()
  const parts: Part[] = []
  let depth = 0
  let from = 0
  const turn = (at: number, by: 1 | -1) => {
    if (depth > 0 && at > from) parts.push({ start: from, end: at, depth: Math.min(depth, DEEPEST) })
    depth += by
    from = at
  }
  let next = 0
  for (const end of ends) {
    for (; next < starts.length && starts[next]! < end; next++) turn(starts[next]!, 1)
    turn(end, -1)
  }
  return parts
}
