/** A step that has no target. The problem itself is −1. */
export const NO_TARGET = -2

/** Targets chosen so far in one trace, in the order of its steps. */
export interface History {
  readonly returnsTo: Int32Array
  readonly verifies: Int32Array
  /** Confidence of the choice at each step, for both relations. */
  readonly returnConfidence: Float32Array
  readonly checkConfidence: Float32Array
  /** Distinct return points, the latest last, and how often each was chosen. */
  readonly anchors: number[]
  readonly uses: Map<number, number>
}

export function createHistory(steps: number): History {
  return {
    returnsTo: new Int32Array(steps).fill(NO_TARGET),
    verifies: new Int32Array(steps).fill(NO_TARGET),
    returnConfidence: new Float32Array(steps),
    checkConfidence: new Float32Array(steps),
    anchors: [],
    uses: new Map(),
  }
}

export function noteCheck(history: History, step: number, target: number, confidence: number): void {
  history.verifies[step] = target
  history.checkConfidence[step] = confidence
}

export function noteTurn(history: History, step: number, target: number, confidence: number): void {
  history.returnsTo[step] = target
  history.returnConfidence[step] = confidence
  const at = history.anchors.indexOf(target)
  if (at >= 0) history.anchors.splice(at, 1)
  history.anchors.push(target)
  history.uses.set(target, (history.uses.get(target) ?? 0) + 1)
}
