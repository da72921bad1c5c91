import type { Json } from '#shared/domain/trace.ts'
import type { Branch, PathStep } from './path.ts'
import { isList, isObject, put } from './record.ts'

/** The mapped places below one top-level field. */
export interface TakenTree {
  /** Bits of the mapped fields that end here. */
  fields: number
  readonly keys: Map<string, TakenTree>
  readonly indices: Map<number, TakenTree>
  all: TakenTree | null
}

/** An empty tree. */
export function takenTree(): TakenTree {
  return { fields: 0, keys: new Map(), indices: new Map(), all: null }
}

/** Notes that the field with this bit is read at `steps`. */
export function addTaken(root: TakenTree, steps: readonly PathStep[], bit: number): void {
  let node = root
  for (const step of steps) node = childOf(node, step)
  node.fields |= bit
}

function childOf(node: TakenTree, step: PathStep): TakenTree {
  if ('all' in step) return (node.all ??= takenTree())
  const [map, key] = 'key' in step ? [node.keys, step.key] : [node.indices, step.index]
  const children = map as Map<string | number, TakenTree>
  const known = children.get(key)
  if (known !== undefined) return known
  const made = takenTree()
  children.set(key, made)
  return made
}

/**
 * What a trace keeps of a value in its metadata: all but the leaves it took (`taken` bits); of a list
 * fanned out by `[*]`, its own element. Undefined when nothing is left.
 */
export function leftover(
  value: Json,
  tree: TakenTree,
  taken: number,
  branch: Branch,
  depth = 0,
): Json | undefined {
  if ((tree.fields & taken) !== 0) return undefined
  if (tree.all !== null && isList(value)) {
    // A list of another length than the response's has elements no trace would own: all keep it whole.
    if (value.length !== branch.lengths[depth]) return value
    const element = value[branch.indices[depth] as number]
    return element === undefined ? undefined : leftover(element, tree.all, taken, branch, depth + 1)
  }
  if (isList(value)) return tree.indices.size === 0 ? value : listLeftover(value, tree, taken, branch, depth)
  if (!isObject(value) || tree.keys.size === 0) return value
  const rest: Record<string, Json> = {}
  let empty = true
  for (const key of Object.keys(value)) {
    const child = tree.keys.get(key)
    const kept = child === undefined ? value[key] : leftover(value[key] as Json, child, taken, branch, depth)
    if (kept === undefined) continue
    put(rest, key, kept)
    empty = false
  }
  return empty ? undefined : rest
}

function listLeftover(
  value: readonly Json[],
  tree: TakenTree,
  taken: number,
  branch: Branch,
  depth: number,
): Json | undefined {
  let empty = true
  const rest = value.map((element, index) => {
    const child = tree.indices.get(index) ?? tree.indices.get(index - value.length)
    const kept = child === undefined ? element : leftover(element, child, taken, branch, depth)
    empty &&= kept === undefined
    return kept ?? null
  })
  return empty ? undefined : rest
}
