/** How well one behaviour's probabilities fit the labels. Shares are 0–1; null where undefined. */
export interface Scores {
  /** Steps that the labels say show the behaviour. */
  support: number
  /** At the threshold; null when nothing is predicted. */
  precision: number | null
  /** At the threshold; null when nothing is labelled. */
  recall: number | null
  /** At the threshold; null when nothing is predicted or labelled. */
  f1: number | null
  /** Average precision over all thresholds; null when nothing is labelled. */
  ap: number | null
  /** Expected calibration error; null when there are no steps. */
  ece: number | null
}

/** Steps by what is said of them at a threshold. */
export interface Confusion {
  hits: number
  /** Predicted, not labelled. */
  extra: number
  /** Labelled, not predicted. */
  missed: number
}

/** Bins of equal width over which calibration is measured. */
const BINS = 10

/**
 * Scores probabilities against labels, one of each per step. A step is predicted when its probability is
 * at or above `threshold`; NaN never is.
 * @throws RangeError when the lengths differ
 */
export function score(labels: Uint8Array, probabilities: Float32Array, threshold: number): Scores {
  const confusion = confuse(labels, probabilities, threshold)
  const { hits, extra, missed } = confusion
  return {
    support: hits + missed,
    precision: ratio(hits, hits + extra),
    recall: ratio(hits, hits + missed),
    f1: f1Of(confusion),
    ap: averagePrecision(labels, probabilities),
    ece: calibrationError(labels, probabilities),
  }
}

/** @throws RangeError when the lengths differ */
export function confuse(labels: Uint8Array, probabilities: Float32Array, threshold: number): Confusion {
  if (labels.length !== probabilities.length)
    throw new RangeError(`${labels.length} labels do not fit ${probabilities.length} probabilities`)
  const confusion = { hits: 0, extra: 0, missed: 0 }
  for (let step = 0; step < labels.length; step++) {
    const predicted = probabilities[step]! >= threshold
    if (labels[step] === 1) confusion[predicted ? 'hits' : 'missed']++
    else if (predicted) confusion.extra++
  }
  return confusion
}

/** Harmonic mean of precision and recall; null when nothing is predicted or labelled. */
export function f1Of({ hits, extra, missed }: Confusion): number | null {
  return ratio(2 * hits, 2 * hits + extra + missed)
}

/**
 * Area under the precision–recall steps: Σ (Rₙ − Rₙ₋₁) Pₙ over distinct probabilities from the highest,
 * without interpolation; steps of equal probability enter together.
 */
export function averagePrecision(labels: Uint8Array, probabilities: Float32Array): number | null {
  const order = Uint32Array.from(labels.keys()).sort((a, b) => probabilities[b]! - probabilities[a]!)
  let hits = 0
  let area = 0
  let before = 0
  order.forEach((step, index) => {
    hits += labels[step]!
    const next = order[index + 1]
    if (next !== undefined && probabilities[next] === probabilities[step]) return
    area += (hits - before) * (hits / (index + 1))
    before = hits
  })
  return ratio(area, hits)
}

/**
 * Expected calibration error (Naeini et al. 2015): over ten bins of equal width, the distance between the
 * mean probability and the share of labelled steps, weighted by the steps in the bin.
 */
export function calibrationError(labels: Uint8Array, probabilities: Float32Array): number | null {
  const sums = reliability(labels, probabilities)
  const apart = sums.reduce(
    (sum, { steps, expected, labelled }) => sum + steps * Math.abs(expected - labelled),
    0,
  )
  return ratio(apart, labels.length)
}

/** One bin of a reliability diagram: its steps, their mean probability and the share that is labelled. */
export interface ReliabilityBin {
  steps: number
  expected: number
  labelled: number
}

/** Reliability diagram over ten bins of equal width; empty bins hold zeros. */
export function reliability(labels: Uint8Array, probabilities: Float32Array): ReliabilityBin[] {
  const bins = Array.from({ length: BINS }, () => ({ steps: 0, expected: 0, labelled: 0 }))
  for (let step = 0; step < labels.length; step++) {
    const bin = bins[Math.min(BINS - 1, Math.floor(probabilities[step]! * BINS))]
    if (bin === undefined) continue
    bin.steps++
    bin.expected += probabilities[step]!
    bin.labelled += labels[step]!
  }
  return bins.map(({ steps, expected, labelled }) =>
    steps === 0
      ? { steps, expected, labelled }
      : { steps, expected: expected / steps, labelled: labelled / steps },
  )
}

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole)
