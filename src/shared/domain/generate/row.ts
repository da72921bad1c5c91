import { BEHAVIOURS, type Behaviour } from '../behaviours.ts'
import type { CountdownProblem } from '../countdown/problem.ts'
import { createOffsetConverter } from '../offsets.ts'
import type { Fate, Search, SearchNode } from './tree.ts'
import type { WrittenTrace } from './writer.ts'

/** A state of the search as a row states it. */
export interface TreeNode {
  id: number
  /** Null for the root. */
  parent: number | null
  /** Numbers at hand. */
  numbers: number[]
  /** What they must make. */
  goal: number
  /** `52 + 51 = 103`, or for a requirement `x - 25 = 78, x = 103`; null for the root. */
  operation: string | null
  fate: Fate
  /** Index of the step that reaches it; −1 where that is the problem itself. */
  step: number
}

/** One generated trace, in the form of labelled rows: offsets are Unicode code points. */
export interface GeneratedRow {
  id: string
  source: string
  problem: string
  model: string
  redistributable: boolean
  annotator: string
  prompt: string
  numbers: number[]
  target: number
  correct: boolean
  behaviours: Behaviour[]
  style: string
  text: string
  steps: [number, number][]
  annotations: {
    step: number
    start: number
    end: number
    behaviours: Behaviour[]
    verifies?: number
    returns_to?: number
  }[]
  /** Steps that claim a value which their check refutes; all other arithmetic is right. */
  guesses: number[]
  tree: TreeNode[]
}

interface Parts {
  written: WrittenTrace
  search: Search
  problem: CountdownProblem
  has: ReadonlySet<Behaviour>
  style: string
  index: number
  seed: string
  prompt: string
}

export function toRow({ written, search, problem, has, style, index, seed, prompt }: Parts): GeneratedRow {
  const offsets = createOffsetConverter(written.text, 'code_points')
  const steps = written.steps.map(({ start, end }): [number, number] => [
    offsets.fromUtf16(start),
    offsets.fromUtf16(end),
  ])
  const annotations = written.steps.flatMap(({ labels, verifies, returnsTo }, step) =>
    labels === null
      ? []
      : [
          {
            step,
            start: steps[step]![0],
            end: steps[step]![1],
            behaviours: BEHAVIOURS.filter((behaviour) => labels.behaviours.includes(behaviour)),
            ...(verifies !== null && { verifies }),
            ...(returnsTo !== null && { returns_to: returnsTo }),
          },
        ],
  )
  return {
    id: `countdown-${seed}-${String(index).padStart(6, '0')}`,
    source: 'cairn-generate',
    problem: `countdown-${[...problem.numbers].sort((a, b) => a - b).join('-')}-${problem.target}`,
    model: `countdown-search/${style}`,
    redistributable: true,
    annotator: 'generator',
    prompt,
    numbers: [...problem.numbers],
    target: problem.target,
    correct: search.final.fate === 'solution',
    behaviours: BEHAVIOURS.filter((behaviour) => has.has(behaviour)),
    style,
    text: written.text,
    steps,
    annotations,
    guesses: written.guesses,
    tree: search.nodes.map((node) => toTreeNode(node, written.stepOf)),
  }
}

function toTreeNode(node: SearchNode, stepOf: ReadonlyMap<number, number>): TreeNode {
  return {
    id: node.id,
    parent: node.parent?.id ?? null,
    numbers: node.terms.map(({ value }) => value),
    goal: node.goal,
    operation: operationText(node),
    fate: node.fate,
    step: stepOf.get(node.id) ?? -1,
  }
}

function operationText({ move }: SearchNode): string | null {
  if (move === null) return null
  if (move.kind === 'combine') return `${move.a.value} ${move.op} ${move.b.value} = ${move.result.value}`
  const shape = [...move.form].map((sign) => (sign === 'n' ? move.number.value : sign)).join(' ')
  return `${shape} = ${move.from}, x = ${move.goal}`
}
