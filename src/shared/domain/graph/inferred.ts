import { addNode, createDraft, labelOf, markPathTo, type Draft, type DraftNode } from './draft.ts'
import type { Target } from './targets/decode.ts'
import { cueMask } from './targets/cues.ts'
import type { Facts } from './targets/facts.ts'
import type { NodeKind } from './types.ts'

const REFUTES = cueMask('refutes', 'no', 'mistake', 'verdict')
const CONCLUDES = cueMask('concludes')
const CASE = /^\W*(?:case|option|possibility|scenario)\s*(?:\d+|[ivx]+|[a-h])\b/i
/** A step that gives an answer. */
const ANSWER = /\\boxed|<answer>|\b(?:final )?answer\b/i

const VERIFICATION = 0
const SUBGOAL = 2

/**
 * The graph of a trace from its behaviours and the targets chosen for them. Steps fall into episodes: a turn
 * opens one, so do a run of checks, what follows it, a subgoal and a numbered case, and whatever follows a step
 * that is returned to. A turn hangs from where it returns to, a case from what stands before the first case,
 * everything else from the episode before.
 *
 * @param skip 1 for every step to pass over
 * @returns the draft and the node of every step (−1 for skipped ones)
 */
export function inferGraph(
  text: string,
  bounds: Uint32Array,
  { steps, shown, cues }: Facts,
  { returns_to, verifies }: { returns_to: readonly Target[]; verifies: readonly Target[] },
  skip: Uint8Array,
): { draft: Draft; owner: Int32Array } {
  const draft = createDraft()
  const owner = new Int32Array(steps).fill(-1)
  const root = addNode(draft, { parent: null, start: 0, end: 0, kind: 'problem', label: 'Problem' })
  const turns = new Map(returns_to.map((target) => [target.step, target]))
  const returned = new Set(returns_to.map(({ target }) => target))
  const cases = readCases(text, bounds, skip)
  const is = (step: number, behaviour: number) => step >= 0 && shown[step * 4 + behaviour] === 1

  let current = root
  let before = -1
  let goal: { node: DraftNode; confidence: number } | null = null
  for (let step = 0; step < steps; step++) {
    if (skip[step] === 1) continue
    const turn = turns.get(step)
    const opening = kindOf(step, turn)
    if (opening === null) current.end = bounds[step * 2 + 1]!
    else {
      const parent =
        turn !== undefined ? nodeOf(turn.target) : opening === 'case' ? nodeOf(cases.get(step)!) : current
      const node = addNode(draft, {
        parent: parent.id,
        start: bounds[step * 2]!,
        end: bounds[step * 2 + 1]!,
        kind: opening,
        label: labelOf(text, bounds[step * 2]!, bounds[step * 2 + 1]!),
        confidence: turn?.confidence ?? 1,
      })
      if (turn !== undefined) {
        draft.edges.push({
          from: node.id,
          to: parent.id,
          type: 'returns_to',
          confidence: turn.confidence,
          steps: [step, turn.target],
        })
        if (goal !== null && !isAbove(goal.node, parent)) goal = null
      }
      if (goal !== null)
        draft.edges.push({ from: node.id, to: goal.node.id, type: 'part_of', confidence: goal.confidence })
      if (opening === 'subgoal') goal = { node, confidence: 0.5 }
      current = node
    }
    owner[step] = current.id
    before = step
  }
  addChecks()
  giveFates()
  return { draft, owner }

  function nodeOf(step: number): DraftNode {
    for (let at = step; at >= 0; at--) if (owner[at]! >= 0) return draft.nodes[owner[at]!]!
    return root
  }

  function isAbove(node: DraftNode, below: DraftNode): boolean {
    for (let at: number | null = below.id; at !== null; at = draft.nodes[at]!.parent)
      if (at === node.id) return true
    return false
  }

  /** The kind of the episode that a step opens; null when it carries on. */
  function kindOf(step: number, turn: Target | undefined): NodeKind | null {
    if (turn !== undefined) {
      const last = turns.get(before)
      // A retraction and the new start are one turn.
      return before === step - 1 && last !== undefined && last.target === turn.target && before >= 0
        ? null
        : 'attempt'
    }
    if (cases.has(step)) return 'case'
    if (is(step, SUBGOAL) && !is(step, VERIFICATION)) return 'subgoal'
    if (is(step, VERIFICATION)) return is(before, VERIFICATION) && !returned.has(before) ? null : 'check'
    if (before < 0 || is(before, VERIFICATION) || returned.has(before)) return 'episode'
    return null
  }

  function addChecks(): void {
    const known = new Map<string, number>()
    for (const { step, target, confidence } of verifies) {
      if (owner[step]! < 0) continue
      const from = owner[step]!
      const to = nodeOf(target).id
      const key = `${from} ${to}`
      const old = known.get(key)
      if (old === undefined) {
        known.set(key, draft.edges.length)
        draft.edges.push({ from, to, type: 'verifies', confidence, steps: [step, target] })
      } else if (draft.edges[old]!.confidence < confidence) {
        draft.edges[old] = { from, to, type: 'verifies', confidence, steps: [step, target] }
      }
    }
  }

  /**
   * The answer is the last step that gives one, else the last step. A branch that is left is refuted when its last
   * check, or the turn away from it, says no; superseded when it had come to a conclusion; else abandoned.
   */
  function giveFates(): void {
    let last = -1
    let answer = -1
    for (let step = 0; step < steps; step++) {
      if (owner[step]! < 0) continue
      last = step
      if (ANSWER.test(text.slice(bounds[step * 2], bounds[step * 2 + 1])) && !turns.has(step)) answer = step
    }
    if (last < 0) return
    const end = owner[answer >= 0 && last - answer < Math.max(8, steps / 5) ? answer : last]!
    const children = new Map<number, number[]>()
    for (const { id, parent } of draft.nodes)
      if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), id])
    const lastStep = new Int32Array(draft.nodes.length).fill(-1)
    const refuted = new Uint8Array(draft.nodes.length)
    const concluded = new Uint8Array(draft.nodes.length)
    for (let step = 0; step < steps; step++) {
      const node = owner[step]!
      if (node < 0) continue
      lastStep[node] = step
      const no = (cues[step]! & REFUTES) !== 0
      if (is(step, VERIFICATION)) refuted[node] = no ? 1 : 0
      else if ((cues[step]! & CONCLUDES) !== 0) concluded[node] = 1
    }
    for (let id = draft.nodes.length - 1; id > 0; id--) {
      const node = draft.nodes[id]!
      const below = children.get(id) ?? []
      const onward = below.at(-1)
      const next = lastStep[id]! + 1
      const turnsAway = next < steps && turns.has(next) && (cues[next]! & REFUTES) !== 0
      if (refuted[id] === 1 || turnsAway) node.fate = 'refuted'
      else if (onward !== undefined && below.every((child) => draft.nodes[child]!.fate !== 'open')) {
        const fate = draft.nodes[onward]!.fate
        node.fate = fate
      } else if (id === owner[last]) node.fate = 'open'
      else node.fate = concluded[id] === 1 ? 'superseded' : 'abandoned'
    }
    markPathTo(draft, end, 'answer')
  }
}

/** Steps that open a numbered case, each with the step before the first of its series. */
function readCases(text: string, bounds: Uint32Array, skip: Uint8Array): Map<number, number> {
  const cases = new Map<number, number>()
  let series: { name: string; fork: number; count: number } | null = null
  for (let step = 0; step < bounds.length >>> 1; step++) {
    if (skip[step] === 1) continue
    const written = text.slice(bounds[step * 2], Math.min(bounds[step * 2 + 1]!, bounds[step * 2]! + 40))
    const name = CASE.exec(written)?.[0].trim().toLowerCase()
    if (name === undefined) continue
    const first = /(?:\b1|\bi|\ba)$/.test(name)
    if (first || series === null) series = { name, fork: step - 1, count: 0 }
    series.count++
    cases.set(step, series.fork)
  }
  return cases
}
