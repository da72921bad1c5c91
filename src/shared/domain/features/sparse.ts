import type { FeatureConfig, StepFeatures } from './config.ts'
import { finish as spread } from './hash.ts'
import { indexSlots } from './vocabulary.ts'

/** Collects each step's set of hashed features. */
export interface Sparse {
  /** Highest index. */
  readonly size: number
  begin(steps: number): void
  /** Adds the feature with this hash to the current step, once, if the model knows it. */
  add(hash: number): void
  endStep(): void
  finish(): Pick<StepFeatures, 'indices' | 'values' | 'offsets'>
}

/** Every feature of a step weighs 1 / √(their number), so that long and short steps are comparable. */
export function createSparse(config: FeatureConfig): Sparse {
  const known = config.vocabulary === null ? null : indexSlots(config.vocabulary, config.bits)
  const size = known === null ? 2 ** config.bits : known.size
  const index = known === null ? null : known.index
  const mask = 2 ** config.bits - 1
  /** Number of the step that last had the feature. */
  const stamps = new Int32Array(size + 1)
  let stamp = 0
  let indices = new Int32Array(4096)
  let values = new Float32Array(4096)
  let offsets = new Int32Array(1)
  let step = 0
  let first = 0
  let count = 0

  return {
    size,
    begin(steps) {
      offsets = new Int32Array(steps + 1)
      step = count = first = 0
      nextStamp()
    },
    add(hash) {
      const slot = spread(hash) & mask
      const at = index === null ? slot + 1 : index[slot]!
      if (at === 0 || stamps[at] === stamp || count - first === config.maxFeatures) return
      stamps[at] = stamp
      if (count === indices.length) grow()
      indices[count++] = at
    },
    endStep() {
      values.fill(1 / Math.sqrt(count - first), first, count)
      offsets[++step] = count
      first = count
      nextStamp()
    },
    finish() {
      return { indices: indices.slice(0, count), values: values.slice(0, count), offsets }
    },
  }

  function nextStamp(): void {
    if (stamp === 0x7fffffff) {
      stamps.fill(0)
      stamp = 0
    }
    stamp++
  }

  function grow(): void {
    const larger = new Int32Array(indices.length * 2)
    larger.set(indices)
    indices = larger
    const heavier = new Float32Array(values.length * 2)
    heavier.set(values)
    values = heavier
  }
}
