import { seeded } from '#shared/domain/random.ts'
import { CANDIDATE_WIDTH, SEEN_WIDTH, WIDTH, type Decision } from '#shared/domain/graph/targets/describe.ts'
import { NEXT_WIDTH, OWN_WIDTH, type Parts } from '#shared/domain/graph/targets/parts.ts'
import type { Network } from '#shared/domain/graph/targets/rank.ts'

/** A decision in sparse form and the index of the right candidate. */
export interface Example {
  rows: { at: Uint16Array; value: Float32Array }[]
  query: { at: Uint16Array; value: Float32Array }
  gold: number
  weight: number
}

export interface Settings {
  /** Networks, trained from different seeds, and units of each. */
  members: number
  hidden: number
  epochs: number
  rate: number
  decay: number
  dropout: number
}

/** The decision of a step of a trace with these parts, null when the right candidate is not among them. */
export function toExample(decision: Decision, parts: Parts, gold: number, weight = 1): Example | null {
  const index = decision.candidates.indexOf(gold)
  if (index < 0) return null
  return {
    rows: describedRows(decision, parts).map(sparse),
    query: sparse(decision.query),
    gold: index,
    weight,
  }
}

/** All `CANDIDATE_WIDTH` features of each candidate. */
export function describedRows({ step, candidates, rows }: Decision, { own, next }: Parts): Float32Array[] {
  return candidates.map((candidate, index) => {
    const row = new Float32Array(CANDIDATE_WIDTH)
    const after = candidate + 1
    row.set(rows.subarray(index * SEEN_WIDTH, (index + 1) * SEEN_WIDTH))
    row.set(own.subarray(after * OWN_WIDTH, (after + 1) * OWN_WIDTH), SEEN_WIDTH)
    if (after < step)
      row.set(next.subarray(after * NEXT_WIDTH, (after + 1) * NEXT_WIDTH), SEEN_WIDTH + OWN_WIDTH)
    return row
  })
}

function sparse(values: Float32Array) {
  const at: number[] = []
  values.forEach((value, k) => {
    if (value !== 0) at.push(k)
  })
  return { at: Uint16Array.from(at), value: Float32Array.from(at, (k) => values[k]!) }
}

/** Trains networks and joins them to one, whose scores are the mean of theirs: their units stand side by side. */
export function train(examples: readonly Example[], settings: Settings): Network {
  const { members, hidden } = settings
  const networks = Array.from({ length: members }, (_, member) => trainOne(examples, settings, member + 1))
  const input = new Float64Array(WIDTH * hidden * members)
  networks.forEach((network, member) => {
    for (let at = 0; at < WIDTH; at++)
      input.set(network.input.subarray(at * hidden, (at + 1) * hidden), (at * members + member) * hidden)
  })
  return {
    hidden: hidden * members,
    input,
    bias: Float64Array.from(networks.flatMap(({ bias }) => [...bias])),
    output: Float64Array.from(
      networks.flatMap(({ output }) => [...output]),
      (value) => value / members,
    ),
    linear: networks[0]!.linear.map(
      (_, at) => networks.reduce((sum, { linear }) => sum + linear[at]!, 0) / members,
    ),
  }
}

/** Trains one network by Adam on the cross-entropy of the right candidate; dropout on inputs and units. */
function trainOne(examples: readonly Example[], settings: Settings, seed: number): Network {
  const { hidden, epochs, rate, decay, dropout } = settings
  const random = seeded(seed)
  const sizes = { input: WIDTH * hidden, bias: hidden, output: hidden, linear: CANDIDATE_WIDTH }
  const offset = {
    input: 0,
    bias: sizes.input,
    output: sizes.input + hidden,
    linear: sizes.input + 2 * hidden,
  }
  const count = offset.linear + sizes.linear
  const w = new Float32Array(count)
  for (let at = 0; at < sizes.input; at++) w[at] = (random() - 0.5) * 0.35
  for (let at = 0; at < hidden; at++) w[offset.output + at] = (random() - 0.5) * 0.5
  const g = new Float32Array(count)
  const m = new Float32Array(count)
  const v = new Float32Array(count)
  const order = examples.map((_, at) => at)
  const BATCH = 16
  const batches = Math.ceil(examples.length / BATCH)
  // The mean of the weights over the second half of training does better on new problems than the last ones.
  const mean = new Float64Array(count)
  let averaged = 0
  let time = 0
  const keepIn = new Float32Array(WIDTH)
  const keepUnit = new Float32Array(hidden)
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let at = order.length - 1; at > 0; at--) {
      const other = Math.floor(random() * (at + 1))
      ;[order[at], order[other]] = [order[other]!, order[at]!]
    }
    for (let batch = 0; batch < batches; batch++) {
      g.fill(0)
      const chosen = order.slice(batch * BATCH, (batch + 1) * BATCH)
      for (const at of chosen) {
        for (let k = 0; k < WIDTH; k++) keepIn[k] = random() < dropout * 0.5 ? 0 : 1 / (1 - dropout * 0.5)
        for (let k = 0; k < hidden; k++) keepUnit[k] = random() < dropout ? 0 : 1 / (1 - dropout)
        step(examples[at]!)
      }
      time++
      const scale = 1 / chosen.length
      const lr = rate * (1 - (0.7 * (time - 1)) / (epochs * batches))
      const c1 = 1 - 0.9 ** time
      const c2 = 1 - 0.999 ** time
      for (let k = 0; k < count; k++) {
        const grad = g[k]! * scale
        m[k] = 0.9 * m[k]! + 0.1 * grad
        v[k] = 0.999 * v[k]! + 0.001 * grad * grad
        w[k]! -= lr * (m[k]! / c1 / (Math.sqrt(v[k]! / c2) + 1e-8) + decay * w[k]!)
      }
      if (epoch >= epochs / 2) {
        averaged++
        for (let k = 0; k < count; k++) mean[k]! += (w[k]! - mean[k]!) / averaged
      }
    }
  }

  function step({ rows, query, gold, weight }: Example): void {
    const base = w.slice(offset.bias, offset.bias + hidden)
    for (let k = 0; k < query.at.length; k++) {
      const at = CANDIDATE_WIDTH + query.at[k]!
      const value = query.value[k]! * keepIn[at]!
      if (value !== 0) for (let u = 0; u < hidden; u++) base[u]! += value * w[at * hidden + u]!
    }
    const n = rows.length
    const units = new Float32Array(n * hidden)
    const scores = new Float32Array(n)
    let highest = -Infinity
    for (let r = 0; r < n; r++) {
      const from = r * hidden
      units.set(base, from)
      let score = 0
      const { at: ats, value: values } = rows[r]!
      for (let k = 0; k < ats.length; k++) {
        const at = ats[k]!
        const value = values[k]! * keepIn[at]!
        if (value === 0) continue
        score += value * w[offset.linear + at]!
        const row = at * hidden
        for (let u = 0; u < hidden; u++) units[from + u]! += value * w[row + u]!
      }
      for (let u = 0; u < hidden; u++)
        if (units[from + u]! > 0) score += units[from + u]! * w[offset.output + u]! * keepUnit[u]!
      scores[r] = score
      if (score > highest) highest = score
    }
    let sum = 0
    for (let r = 0; r < n; r++) sum += scores[r] = Math.exp(scores[r]! - highest)
    const baseGrad = new Float32Array(hidden)
    const unitGrad = new Float32Array(hidden)
    for (let r = 0; r < n; r++) {
      const d = weight * (scores[r]! / sum - (r === gold ? 1 : 0))
      if (Math.abs(d) < 1e-5) continue
      const from = r * hidden
      for (let u = 0; u < hidden; u++) {
        const active = units[from + u]!
        if (active > 0) {
          g[offset.output + u]! += d * active * keepUnit[u]!
          unitGrad[u] = d * w[offset.output + u]! * keepUnit[u]!
          baseGrad[u]! += unitGrad[u]!
        } else unitGrad[u] = 0
      }
      const { at: ats, value: values } = rows[r]!
      for (let k = 0; k < ats.length; k++) {
        const at = ats[k]!
        const value = values[k]! * keepIn[at]!
        if (value === 0) continue
        g[offset.linear + at]! += d * value
        const row = at * hidden
        for (let u = 0; u < hidden; u++) g[row + u]! += value * unitGrad[u]!
      }
    }
    for (let u = 0; u < hidden; u++) g[offset.bias + u]! += baseGrad[u]!
    for (let k = 0; k < query.at.length; k++) {
      const at = CANDIDATE_WIDTH + query.at[k]!
      const value = query.value[k]! * keepIn[at]!
      if (value !== 0) for (let u = 0; u < hidden; u++) g[at * hidden + u]! += value * baseGrad[u]!
    }
  }

  const part = (from: number, size: number) => mean.slice(from, from + size)
  return {
    hidden,
    input: part(0, sizes.input),
    bias: part(offset.bias, hidden),
    output: part(offset.output, hidden),
    linear: part(offset.linear, sizes.linear),
  }
}
