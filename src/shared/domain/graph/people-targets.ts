import { BEHAVIOURS } from '../behaviours.ts'
import { eachMarked } from '../evaluation/align.ts'
import { byAge, type Dated } from '../last-word.ts'
import { applyEdits } from './apply-edits.ts'
import type { GraphEdit } from './edits.ts'
import type { ReasoningGraph } from './types.ts'

/** What a person pointed at from a label; offsets are UTF-16, `{0, 0}` is the problem itself. */
interface AimedLabel extends Dated {
  readonly start: number
  readonly end: number
  readonly behaviour: string
  readonly verdict: 'present' | 'absent'
  readonly target: { readonly start: number; readonly end: number } | null
}

/** Steps and the steps they point at as people say, −1 for the problem; null for a turn that is none. */
export interface PeoplesTargets {
  readonly returns_to: ReadonlyMap<number, number | null>
  readonly verifies: ReadonlyMap<number, number>
}

const VERIFICATION = BEHAVIOURS.indexOf('verification')
const BACKTRACKING = BEHAVIOURS.indexOf('backtracking')

/**
 * The targets that people gave, by labels with a target and by moving the return point of a node. A label that rejects
 * the behaviour takes away the targets that older ones gave its steps. A moved return
 * counts for every turn that opens its node, and goes to the last step of the node it was moved to.
 * @param graph as inferred; @param bounds its steps, UTF-16
 */
export function peoplesTargets(
  graph: ReasoningGraph,
  bounds: Uint32Array,
  shown: Uint8Array,
  edits: readonly GraphEdit[],
  labels: readonly AimedLabel[],
  text: string,
): PeoplesTargets {
  const returns_to = new Map<number, number | null>()
  const verifies = new Map<number, number>()
  for (const label of labels.toSorted(byAge)) {
    const rejected = label.verdict === 'absent'
    if (label.target === null && !rejected) continue
    const { start, end } = label.target ?? { start: 0, end: 0 }
    const last = end <= 0 ? -1 : lastBefore(bounds, end)
    eachMarked(bounds, label, (step) => {
      if (rejected) {
        if (label.behaviour === 'backtracking') returns_to.delete(step)
        if (label.behaviour === 'verification') verifies.delete(step)
        return
      }
      if (label.behaviour === 'backtracking' && last < step) returns_to.set(step, start === end ? -1 : last)
      if (label.behaviour === 'verification' && last <= step) verifies.set(step, start === end ? -1 : last)
    })
  }
  edits.forEach(({ id, change }, at) => {
    if (change.kind !== 'return') return
    // As the graph was then: a later split or merge is about other things.
    const { graph: edited, lost } = applyEdits(graph, bounds, edits.slice(0, at + 1), text)
    if (lost.includes(id)) return
    const node = edited.nodes.find(({ start, kind }) => start === change.node.start && kind !== 'problem')
    if (node === undefined) return
    const back = edited.edges.find(({ from, type }) => from === node.id && type === 'returns_to')
    for (const turn of turnsOf(node.id, edited.owner, shown)) {
      const to =
        back === undefined ? null : back.to === 0 ? -1 : edited.owner.subarray(0, turn).lastIndexOf(back.to)
      if (to !== -1 || back?.to === 0) returns_to.set(turn, to)
    }
  })
  return { returns_to, verifies }
}

/** The turns that open a node; its first step counts whether it is told of as one or not. */
function turnsOf(node: number, owner: Int32Array, shown: Uint8Array): number[] {
  const first = owner.indexOf(node)
  if (first < 0) return []
  const turns = [first]
  for (let step = first + 1; owner[step] === node && shown[step * 4 + BACKTRACKING] === 1; step++)
    turns.push(step)
  return turns
}

/** The last step that begins before an offset. */
function lastBefore(bounds: Uint32Array, offset: number): number {
  let last = -1
  for (let step = 0; step < bounds.length >>> 1 && bounds[step * 2]! < offset; step++) last = step
  return last
}

/** A step of a labelled row. */
export interface LabelledStep {
  step: number
  behaviours: string[]
  verifies?: number
  returns_to?: number
}

/** The steps that show something, with people's targets, as labelled files hold them. */
export function labelledSteps(shown: Uint8Array, { returns_to, verifies }: PeoplesTargets): LabelledStep[] {
  const labelled: LabelledStep[] = []
  for (let step = 0; step < shown.length / BEHAVIOURS.length; step++) {
    const turn = returns_to.get(step)
    const checked = verifies.get(step)
    const behaviours = BEHAVIOURS.filter(
      (_, at) =>
        (at === BACKTRACKING && turn !== undefined
          ? turn !== null
          : shown[step * BEHAVIOURS.length + at] === 1) ||
        (at === VERIFICATION && checked !== undefined),
    )
    if (behaviours.length === 0) continue
    labelled.push({
      step,
      behaviours,
      ...(checked === undefined ? {} : { verifies: checked }),
      ...(turn == null ? {} : { returns_to: turn }),
    })
  }
  return labelled
}
