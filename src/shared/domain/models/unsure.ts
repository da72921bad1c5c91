/** A model is unsure while the odds of a behaviour are within this factor of its threshold's, as the trainer says. */
const FACTOR = 2

/** The probabilities `[from, to)` around a threshold at which a model is unsure. */
export function unsureBand(threshold: number): readonly [from: number, to: number] {
  if (threshold <= 0 || threshold >= 1) return [threshold, threshold]
  const odds = threshold / (1 - threshold)
  const share = (o: number) => o / (1 + o)
  return [share(odds / FACTOR), share(odds * FACTOR)]
}

/** Whether a model abstains: it says neither that the behaviour shows nor that it does not. */
export function isUnsure(probability: number, threshold: number): boolean {
  const [from, to] = unsureBand(threshold)
  return probability >= from && probability < to
}
