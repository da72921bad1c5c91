import type { ThresholdCounts } from '#shared/contract/models.ts'

/** Thresholds that counts are known for are whole steps of 1/LEVELS. */
const LEVELS = 10_000

/** What there is of a behaviour at a threshold. */
export interface AtThreshold {
  steps: number
  episodes: number
  traces: number
}

/** @param threshold between 0 and 1; counted at the nearest whole step */
export function atThreshold(counts: ThresholdCounts, behaviour: number, threshold: number): AtThreshold {
  const at = behaviour * (LEVELS + 1) + Math.round(threshold * LEVELS)
  return { steps: counts.shown[at]!, episodes: counts.episodes[at]!, traces: counts.showing[at]! }
}

/**
 * How steps are spread over probabilities, as heights between 0 and 1 on a logarithmic scale: most steps show nothing,
 * and would hide everything else.
 * @returns `bars` heights from probability 0 to 1
 */
export function spread(counts: ThresholdCounts, behaviour: number, bars: number): number[] {
  const row = behaviour * (LEVELS + 1)
  const from = (bar: number) => counts.shown[row + Math.round((bar / bars) * LEVELS)]!
  const steps = Array.from({ length: bars }, (_, bar) => from(bar) - (bar + 1 < bars ? from(bar + 1) : 0))
  const most = Math.log1p(Math.max(1, ...steps))
  return steps.map((own) => Math.log1p(own) / most)
}
