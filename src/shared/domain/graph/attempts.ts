import type { CountdownProblem } from '../countdown/problem.ts'
import { addNode, createDraft, flag, labelOf, markPathTo, type Draft, type DraftNode } from './draft.ts'
import { equationsOf, readChains, type Chain, type Side } from './equations.ts'
import type { Equation } from './types.ts'
import { cueMask, readCues } from './targets/cues.ts'

/** Wording that opens an attempt when the attempt itself follows. */
const OPENS = cueMask('try', 'alternatively', 'another', 'restart')
const REFUTES = cueMask('refutes', 'no', 'mistake')
const SAYS_NO = /(?:→|=>|⇒)\W*(?:no|not|too|still|close)\b|\bno\W*$/i
/** A step that gives the answer, not another attempt. */
const ANSWERS =
  /<answer>|\\boxed|final answer|(?:correct|valid|required|final) (?:equation|expression|answer|solution)|solution is/i

/** States of the active path that an operation may hang from, besides the root: real ones have less than ten. */
const LOOK_BACK = 100

/** What is known of a node besides what the graph shows. */
interface Work {
  /** Numbers that remain once the node's work is done; an announced expression has spent none yet. */
  numbers: number[]
  /** Its expression with its value, for chains that go on from it. */
  side: Side | null
  /** Numbers of the expression that its parent had. */
  spent: number[]
  /** Announced, neither worked out nor left. */
  announced: boolean
}

/**
 * The attempts of a Countdown trace in free text (task: reach the target with every number once). Every
 * operation is a node; it hangs from the latest state on the active path that has its numbers, or, where the
 * wording opens an attempt, from the earliest. So an attempt hangs from the state whose results it uses. States
 * hold the numbers that remain, with the results as the trace claims them.
 *
 * @param bounds steps `[start, end, …]`, UTF-16
 * @param skip steps to pass over: 1 for every such step
 * @returns the draft and the node of every step (−1 for skipped ones)
 */
export function readAttempts(
  text: string,
  bounds: Uint32Array,
  { numbers, target }: CountdownProblem,
  skip: Uint8Array,
): { draft: Draft; owner: Int32Array } {
  const steps = bounds.length >>> 1
  const draft = createDraft()
  const owner = new Int32Array(steps).fill(-1)
  const works: Work[] = []
  const root = add(
    {
      parent: null,
      start: 0,
      end: 0,
      kind: 'problem',
      label: `${target} from ${numbers.join(', ')}`,
      state: { target, numbers },
    },
    { numbers: [...numbers], side: null, spent: [], announced: false },
  )
  let cursor = root
  let marker = -1
  let answer: DraftNode | null = null

  for (let step = 0; step < steps; step++) {
    if (skip[step] === 1) continue
    const start = bounds[step * 2]!
    const end = bounds[step * 2 + 1]!
    const written = text.slice(start, end)
    const cues = readCues(written)
    const chains = readChains(text, start, end)
    if (ANSWERS.test(written) || givesAnswer(chains)) {
      answer = answerAt(chains, start, end)
      owner[step] = answer.id
      marker = -1
      continue
    }
    const opens = (cues & OPENS) !== 0
    if (opens && marker < 0) marker = step
    let first: DraftNode | null = null
    for (const chain of chains) {
      const node = chain.opens ? goOn(chain) : operate(chain, marker >= 0)
      if (node !== null) {
        first ??= node
        marker = marker >= 0 && first === node ? takeMarker(node, step) : marker
      }
    }
    owner[step] = first?.id ?? cursor.id
    if (first === null && marker >= 0 && !opens && chains.length === 0 && step - marker > 2) marker = -1
    if (((cues & REFUTES) !== 0 || SAYS_NO.test(written)) && cursor !== root && !reaches(cursor))
      cursor.fate = 'refuted'
  }
  settle()
  return { draft, owner }

  function add(node: Parameters<typeof addNode>[1], work: Work): DraftNode {
    works.push(work)
    return addNode(draft, node)
  }

  /** Lines between the marker and its attempt belong to the attempt. */
  function takeMarker(node: DraftNode, step: number): number {
    for (let at = marker; at < step; at++) if (owner[at] !== -1) owner[at] = node.id
    node.start = bounds[marker * 2]!
    return -1
  }

  /** A chain that opens with an equals sign works out what was announced before. */
  function goOn(chain: Chain): DraftNode | null {
    const work = works[cursor.id]!
    if (cursor === root) return null
    note(cursor, equationsOf(chain, work.side))
    complete(cursor, chain.sides)
    return null
  }

  function operate(chain: Chain, marked: boolean): DraftNode | null {
    const expression = chain.sides[0]!
    if (expression.operators === 0) {
      if (cursor !== root) note(cursor, equationsOf(chain, null))
      return null
    }
    const own = works[cursor.id]!
    const carriesOn =
      cursor !== root && own.announced && own.side !== null && own.side.value === expression.value
    if (carriesOn && spend(works[cursor.id]!.numbers, expression.numbers).lacking.length > 0) {
      return goOn({ ...chain, opens: true, approximate: [false, ...chain.approximate.slice(1)] })
    }
    const restated = cursor !== root && own.announced && own.side?.text === expression.text
    if (restated) {
      note(cursor, equationsOf(chain, null))
      complete(cursor, chain.sides)
      return null
    }
    const whole = expression.numbers.length >= numbers.length && numbers.length > 2
    const parent = parentFor(expression.numbers, marked || whole)
    const { left, lacking } = spend(works[parent.id]!.numbers, expression.numbers)
    const node = add(
      {
        parent: parent.id,
        start: expression.start,
        end: chain.sides.at(-1)!.end,
        kind: marked || parent !== cursor || parent === root ? 'attempt' : 'operation',
        label: expression.text,
        state: {
          target,
          numbers: works[parent.id]!.numbers,
          operation: expression.text,
          value: expression.value,
        },
      },
      { numbers: works[parent.id]!.numbers, side: expression, spent: left, announced: true },
    )
    if (lacking.length > 0) {
      flag(node, 'unavailable_numbers')
      node.state = { ...node.state, unavailable: lacking }
    }
    cursor = node
    note(node, equationsOf(chain, null))
    complete(node, chain.sides.slice(1))
    return node
  }

  /** Once a single number stands for the expression, its numbers are spent. */
  function complete(node: DraftNode, sides: readonly Side[]): void {
    const work = works[node.id]!
    const last = sides.at(-1)
    if (last === undefined) return
    node.end = Math.max(node.end, last.end)
    if (last.value === null) return
    if (last.operators > 0) {
      work.side = last
      return
    }
    work.side = last
    if (!work.announced) return
    work.announced = false
    work.numbers = [...work.spent, last.value]
    node.state = { ...node.state, numbers: work.numbers, claimed: last.value }
    if (work.numbers.length === 1) closeAnnounced(node)
  }

  /** Operations that used everything up also work out the expression announced above them. */
  function closeAnnounced(node: DraftNode): void {
    for (let at = node.parent; at !== null; at = draft.nodes[at]!.parent) works[at]!.announced = false
  }

  function parentFor(wanted: readonly number[], fromStart: boolean): DraftNode {
    const path: DraftNode[] = []
    for (
      let at: number | null = cursor.id;
      at !== null && path.length < LOOK_BACK;
      at = draft.nodes[at]!.parent
    )
      path.push(draft.nodes[at]!)
    if (path.at(-1) !== root) path.push(root)
    const usable = path.filter((node) => !spoilt(node, wanted))
    const order = fromStart ? usable.toReversed() : usable
    let best = order[0] ?? root
    let fewest = Infinity
    for (const node of order) {
      const { lacking } = spend(works[node.id]!.numbers, wanted)
      if (lacking.length < fewest) {
        fewest = lacking.length
        best = node
      }
    }
    return best
  }

  /** An announced expression only offers its numbers to its own working out. */
  function spoilt(node: DraftNode, wanted: readonly number[]): boolean {
    const { side, announced, numbers: offered } = works[node.id]!
    if (node === root || side === null) return false
    if (announced)
      return (
        spend(side.numbers, wanted).lacking.some((number) => numbers.includes(number)) ||
        wanted.length >= side.numbers.length
      )
    return node.state?.claimed === undefined && offered.length > 1
  }

  /** Below "So the equation is:", an expression like the one that reached the target is no new attempt. */
  function givesAnswer(chains: readonly Chain[]): boolean {
    if (answer === null || answer !== draft.nodes.at(-1)) return false
    const [first] = chains[0]?.sides ?? []
    const like = first === undefined || first.operators === 0 ? null : attemptLike(first)
    return like !== null && reaches(like)
  }

  function answerAt(chains: readonly Chain[], start: number, end: number): DraftNode {
    const expression = chains.map(({ sides }) => sides[0]!).findLast(({ operators }) => operators > 0)
    const hit = expression === undefined ? null : attemptLike(expression)
    const parent = hit ?? (reaches(cursor) || expression === undefined ? cursor : root)
    if (answer !== null && answer === draft.nodes.at(-1) && (hit === null || answer.parent === hit.id)) {
      answer.end = end
      note(
        answer,
        chains.flatMap((chain) => equationsOf(chain, null)),
      )
      return answer
    }
    const node = add(
      {
        parent: parent.id,
        start,
        end,
        kind: 'episode',
        label: labelOf(text, start, end),
        state: {
          target,
          ...(expression === undefined ? {} : { operation: expression.text, value: expression.value }),
        },
      },
      { ...works[parent.id]!, announced: false },
    )
    note(
      node,
      chains.flatMap((chain) => equationsOf(chain, null)),
    )
    return node
  }

  /** The latest attempt with the same numbers and value: its expression, or the last of its operations. */
  function attemptLike({ text: written, value, numbers: used }: Side): DraftNode | null {
    const wanted = String([...used].sort())
    const ways = waysDown()
    let like: DraftNode | null = null
    for (const node of draft.nodes) {
      if (node.kind === 'episode') continue
      const { operation, value: own, claimed } = node.state ?? {}
      if (operation === written) like = deepest(node, ways)
      else if (
        (own === value || claimed === value) &&
        value !== null &&
        String(leavesOf(node, used.length)?.sort()) === wanted &&
        !(like !== null && like.state?.operation === written)
      )
        like = node
    }
    return like
  }

  /** From every node its first operation that reaches the target, or leads to one that does. */
  function waysDown(): Map<number, DraftNode> {
    const ways = new Map<number, DraftNode>()
    // Children come after their parents: seen from the end, what lies below a node is known.
    for (const node of draft.nodes.toReversed())
      if (node.kind === 'operation' && (ways.has(node.id) || reaches(node))) ways.set(node.parent!, node)
    return ways
  }

  /** Where an announced expression was worked out below itself, the end of that. */
  function deepest(node: DraftNode, ways: ReadonlyMap<number, DraftNode>): DraftNode {
    let end = node
    for (let next = ways.get(end.id); next !== undefined; next = ways.get(end.id)) end = next
    return end
  }

  /** Given numbers that went into a node, through its operations; null where they are more than `most`. */
  function leavesOf(node: DraftNode, most: number): number[] | null {
    const leaves: number[] = []
    const makers = [node]
    // Results that are used twice double the numbers that went into them, so nothing is read past the most.
    while (makers.length > 0) {
      if (leaves.length + makers.length > most) return null
      const above = makers.pop()!
      const { side } = works[above.id]!
      const own = above.state?.operation?.match(/\d+(?:\.\d+)?/g)?.map(Number) ?? side?.numbers ?? []
      for (const number of own) {
        const maker = makerOf(above, number)
        if (maker === null) leaves.push(number)
        else makers.push(maker)
      }
    }
    return leaves
  }

  function makerOf(node: DraftNode, number: number): DraftNode | null {
    if (numbers.includes(number)) return null
    for (let at = node.parent; at !== null; at = draft.nodes[at]!.parent) {
      const above = draft.nodes[at]!
      if (above !== root && above.state?.claimed === number) return above
    }
    return null
  }

  function reaches(node: DraftNode): boolean {
    return node.state?.claimed === target && works[node.id]!.numbers.length === 1
  }

  function settle(): void {
    for (const node of draft.nodes) {
      if (node === root) continue
      if (node.fate === 'open' && node !== cursor && node.kind !== 'episode') {
        const { claimed } = node.state ?? {}
        node.fate = claimed === undefined ? 'abandoned' : reaches(node) ? 'superseded' : 'abandoned'
      }
    }
    // An attempt fails where its working out does.
    for (const node of draft.nodes.toReversed()) {
      if (
        node.kind === 'operation' &&
        node.fate === 'refuted' &&
        draft.nodes[node.parent!]!.fate === 'abandoned'
      ) {
        draft.nodes[node.parent!]!.fate = 'refuted'
      }
    }
    const end = answer ?? (reaches(cursor) ? cursor : null)
    if (end !== null) markPathTo(draft, end.id, 'answer')
  }
}

function note(node: DraftNode, equations: readonly Equation[]): void {
  if (equations.length === 0) return
  node.state = { ...node.state, equations: [...(node.state?.equations ?? []), ...equations] }
  if (equations.some(({ holds }) => !holds)) flag(node, 'wrong_arithmetic')
}

/** Takes `wanted` out of `numbers`: what is left, and what was lacking. */
function spend(numbers: readonly number[], wanted: readonly number[]): { left: number[]; lacking: number[] } {
  const left = [...numbers]
  const lacking: number[] = []
  for (const number of wanted) {
    const at = left.indexOf(number)
    if (at < 0) lacking.push(number)
    else left.splice(at, 1)
  }
  return { left, lacking }
}
