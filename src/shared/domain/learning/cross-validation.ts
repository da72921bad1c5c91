const FOLDS = 5
/** F1 that may be lost where probabilities become better. */
const SLACK = 0.005
/** Probabilities are held off 0 and 1 by this, so that one mistake does not cost everything. */
const CERTAIN = 1e-6

/** Fewer steps that show a behaviour, or that do not, teach nothing about it. */
const FEWEST = 5

/** Items in parts of like size: the largest first, each to the part that has least, of several the one with fewest items. */
export function folds<Item>(items: readonly Item[], size: (item: Item) => number): Item[][] {
  const parts = Array.from({ length: Math.min(FOLDS, items.length) }, () => ({
    size: 0,
    own: [] as Item[],
  }))
  for (const item of items.toSorted((a, b) => size(b) - size(a))) {
    const least = parts.reduce((one, other) => (isLess(other, one) ? other : one))
    least.own.push(item)
    least.size += size(item)
  }
  return parts.map(({ own }) => own)
}

type Sized = Readonly<{ size: number; own: readonly unknown[] }>

const isLess = (one: Sized, other: Sized): boolean =>
  one.size === other.size ? one.own.length < other.own.length : one.size < other.size

/** Every part in its turn as the one left out, with all others. */
export const leavingOut = <Part>(parts: readonly Part[]): { out: Part; rest: Part[] }[] =>
  parts.map((out, left) => ({ out, rest: parts.filter((_, index) => index !== left) }))

/** Log-loss, in nats, of a probability where the truth is 0, 1 or how likely something is. */
export function lossOf(truth: number, said: number): number {
  const p = Math.min(1 - CERTAIN, Math.max(CERTAIN, said))
  return -truth * Math.log(p) - (1 - truth) * Math.log(1 - p)
}

/** Mean log-loss, in nats, of probabilities of what is 0 or 1; 0 of nothing. */
export function logLoss(labels: Uint8Array, said: ArrayLike<number>): number {
  let sum = 0
  for (let step = 0; step < labels.length; step++) sum += lossOf(Number(labels[step] === 1), said[step]!)
  return labels.length === 0 ? 0 : sum / labels.length
}

interface Told {
  loss: number
  f1: number | null
}

/** What is learnt is kept only where it makes probabilities better and costs next to no F1. */
export const tellsBetter = (now: Told, before: Told): boolean =>
  now.loss < before.loss && (now.f1 ?? 0) >= (before.f1 ?? 0) - SLACK

/** Whether labels, 0 or 1, are enough to learn a behaviour from. */
export function enough(labels: Uint8Array): boolean {
  const shown = labels.reduce((sum, label) => sum + label, 0)
  return shown >= FEWEST && labels.length - shown >= FEWEST
}
