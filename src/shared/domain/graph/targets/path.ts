import { NO_TARGET, type History } from './history.ts'

/** The active path of a step: the chain of steps it goes on from, back to the problem. Index 0 is the problem. */
export interface Path {
  /** Returns between the query and the step; −1 for steps off the path. */
  readonly level: Int16Array
  /** 1: a turn on the path returned here; 2: a turn. */
  readonly role: Uint8Array
  /** The step after it on the path. */
  readonly child: Int32Array
  /** Turns on the path and where they return to, the latest first. */
  readonly joints: number[]
}

export const RETURN_POINT = 1
export const TURN = 2

export function createPath(steps: number): Path {
  return {
    level: new Int16Array(steps + 1),
    role: new Uint8Array(steps + 1),
    child: new Int32Array(steps + 1),
    joints: [],
  }
}

/** Fills `path` for a step that would go on from the step before it. */
export function markPath(path: Path, step: number, history: History): void {
  const { level, role, child, joints } = path
  level.fill(-1)
  role.fill(0)
  child.fill(NO_TARGET)
  joints.length = 0
  let depth = 0
  let at = step - 1
  let below = step
  while (at >= 0) {
    level[at + 1] = depth
    child[at + 1] = below
    below = at
    const target = history.returnsTo[at]!
    if (target === NO_TARGET) at--
    else {
      role[at + 1]! |= TURN
      role[target + 1]! |= RETURN_POINT
      joints.push(at, target)
      depth++
      at = target
    }
  }
  level[0] = depth
  child[0] = below
}
