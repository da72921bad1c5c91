import { countdownProblem } from '../countdown/problem.ts'
import type { Json } from '../trace.ts'
import { readAttempts } from './attempts.ts'
import { addNode, labelOf, type Draft } from './draft.ts'
import { readChains } from './equations.ts'
import { chunksOf, readChunks } from './imported.ts'
import { inferGraph } from './inferred.ts'
import { findLoops, foldedSteps, hashSteps, loopEnd } from './loops.ts'
import { isParallel, readParallel } from './parallel.ts'
import { isStreamOfSearch, readStreamOfSearch } from './stream-of-search.ts'
import { chooseTargets } from './targets/choose.ts'
import { readFacts } from './targets/facts.ts'
import { WEIGHTS } from './targets/weights.ts'
import { isTreeOfThought, readTreeOfThought } from './tree-of-thought.ts'
import { GRAPH_VERSION, type Loop, type Method, type ReasoningGraph } from './types.ts'

export interface GraphInput {
  readonly text: string
  /** Steps `[start, end, …]`, UTF-16 offsets into `text`, ascending. */
  readonly bounds: Uint32Array
  /** Steps × behaviours in the order of `BEHAVIOURS`, 1 where a step shows the behaviour. */
  readonly shown: Uint8Array
  readonly prompt: string
  readonly metadata: { readonly [key: string]: Json }
}

/**
 * The reasoning graph of a trace: read off the text where it says so, taken over where the file brings it, inferred
 * elsewhere. A pure function: the same input gives the same graph. Every step belongs to one node; parents come
 * before their children, so that only `returns_to` and `verifies` lead back.
 * @throws RangeError when `shown` does not fit the steps
 */
export function buildGraph(input: GraphInput): ReasoningGraph {
  const { text, bounds, shown, metadata } = input
  const steps = bounds.length >>> 1
  if (shown.length !== steps * 4)
    throw new RangeError(`${shown.length} flags are not four for each of ${steps} steps`)
  const hashes = hashSteps(text, bounds)
  const loops = findLoops(hashes)
  const read = (
    method: Method,
    { draft, owners }: { draft: Draft; owners: readonly { start: number; node: number }[] },
  ) => finish(method, draft, ownersOf(bounds, owners), loops)

  if (isStreamOfSearch(text)) return read('exact', readStreamOfSearch(text))
  const chunks = chunksOf(metadata)
  if (chunks !== null) return read('imported', readChunks(chunks))
  if (isTreeOfThought(text)) return read('exact', readTreeOfThought(text, metadata))
  if (isParallel(text)) return read('exact', readParallel(text))

  const folded = foldedSteps(hashes, loops)
  const problem = countdownProblem(input.prompt, metadata)
  const method = problem !== null && isWorkedOut(text, bounds) ? 'exact' : 'inferred'
  const { draft, owner } =
    method === 'exact' ? readAttempts(text, bounds, problem!, folded) : infer(input, folded)
  addLoops(draft, owner, text, bounds, hashes, loops)
  return finish(method, draft, owner, loops)
}

function infer({ text, bounds, shown }: GraphInput, folded: Uint8Array) {
  const facts = readFacts(text, bounds, shown)
  return inferGraph(text, bounds, facts, chooseTargets(facts, WEIGHTS), folded)
}

/** Whether a Countdown response works with numbers at all, so that its attempts can be read. */
function isWorkedOut(text: string, bounds: Uint32Array): boolean {
  for (let step = 0; step < bounds.length; step += 2) {
    const chains = readChains(text, bounds[step]!, bounds[step + 1]!)
    if (chains.some(({ sides }) => sides[0]!.operators > 0)) return true
  }
  return false
}

/** The rounds of a loop after its first become one node that counts them. */
function addLoops(
  draft: Draft,
  owner: Int32Array,
  text: string,
  bounds: Uint32Array,
  hashes: Int32Array,
  loops: readonly Loop[],
): void {
  for (const loop of loops) {
    const from = loop.first + loop.period
    const to = loopEnd(hashes, loop)
    const start = bounds[from * 2]!
    const node = addNode(draft, {
      parent: Math.max(0, owner[from - 1]!),
      start,
      end: bounds[to * 2 - 1]!,
      kind: 'loop',
      label: labelOf(text, start, bounds[to * 2 - 1]!),
      fate: 'abandoned',
      count: loop.rounds,
    })
    owner.fill(node.id, from, to)
  }
}

/** The node of every step from the nodes of stretches of text: a step belongs where it starts. */
function ownersOf(bounds: Uint32Array, owners: readonly { start: number; node: number }[]): Int32Array {
  const owner = new Int32Array(bounds.length >>> 1)
  const sorted = [...owners].sort((a, b) => a.start - b.start)
  let at = -1
  for (let step = 0; step < owner.length; step++) {
    while (at + 1 < sorted.length && sorted[at + 1]!.start <= bounds[step * 2]!) at++
    owner[step] = at < 0 ? 0 : sorted[at]!.node
  }
  return owner
}

function finish(method: Method, draft: Draft, owner: Int32Array, loops: readonly Loop[]): ReasoningGraph {
  return { version: GRAPH_VERSION, method, nodes: draft.nodes, edges: draft.edges, owner, loops }
}
