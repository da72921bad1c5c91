import { argv } from 'node:process'
import type { Decision, Relation } from '#shared/domain/graph/targets/describe.ts'
import { describeAll } from '#shared/domain/graph/targets/predict.ts'
import { rank, type Network } from '#shared/domain/graph/targets/rank.ts'
import { readLabelled, type Labelled } from './labels.ts'
import { foldOf, goldOf } from './cv.ts'
import { toExample, train, type Example, type Settings } from './learn.ts'

export interface Scored {
  step: number
  candidates: number[]
  log: Float32Array
}
export type Scores = Map<string, Scored[]>

export function examplesOf(traces: readonly Labelled[], relation: Relation, power: number): Example[] {
  return traces.flatMap((t) => {
    const gold = goldOf(t, relation)
    return describeAll(t.facts).flatMap((d) => {
      const target = d.relation === relation ? gold.get(d.step) : undefined
      const e = target === undefined ? null : toExample(d, target, 2 * gold.size ** -power)
      return e ? [e] : []
    })
  })
}
export function score(d: Decision, nets: Network[]): Scored {
  return {
    step: d.step,
    candidates: d.candidates,
    log: rank(nets, d).map((p) => Math.log(Math.max(1e-6, p))),
  }
}

/** Viterbi over the last target: each choice is its own score plus a bonus for staying. */
export function decode(
  list: readonly Scored[],
  stay: number,
  again: number,
  gate = (_: number) => 1,
): Map<number, number> {
  let states: { target: number; score: number; back: number }[][] = []
  list.forEach((s, i) => {
    const prev = states[i - 1]
    const row = s.candidates.map((target, at) => {
      let best = -Infinity,
        back = -1
      if (!prev) {
        best = 0
      } else {
        let top = -Infinity,
          topAt = -1
        prev.forEach((p, j) => {
          const v = p.score + (p.target === target ? stay * gate(i) : 0)
          if (v > top) {
            top = v
            topAt = j
          }
        })
        best = top
        back = topAt
      }
      return { target, score: best + s.log[at]!, back }
    })
    states.push(row)
  })
  const out = new Map<number, number>()
  let at = -1
  for (let i = list.length - 1; i >= 0; i--) {
    const row = states[i]!
    if (at < 0) at = row.reduce((b, r, j) => (r.score > row[b]!.score ? j : b), 0)
    out.set(list[i]!.step, row[at]!.target)
    at = row[at]!.back
  }
  return out
}

export function tally(
  traces: readonly Labelled[],
  relation: Relation,
  predict: (t: Labelled) => Map<number, number>,
): string {
  const S: Record<string, number[]> = {}
  for (const t of traces) {
    const p = predict(t)
    for (const [step, k] of goldOf(t, relation))
      for (const key of ['all', t.source.slice(0, 5)]) {
        const s = (S[key] ??= [0, 0, 0])
        s[0]!++
        const q = p.get(step) ?? -9
        if (q === k) s[1]!++
        if (Math.abs(q - k) <= 2) s[2]!++
      }
  }
  return Object.entries(S)
    .map(([k, [n, e, w]]) => `${k} ${n} ${((100 * e!) / n!).toFixed(1)}/${((100 * w!) / n!).toFixed(1)}`)
    .join('  ')
}

if (import.meta.main) {
  const o: Settings & { members: number; folds: number; power: number; rel: Relation } = {
    hidden: 8,
    epochs: 8,
    rate: 0.003,
    decay: 0.03,
    dropout: 0.2,
    seed: 1,
    members: 3,
    folds: 5,
    power: 0.5,
    rel: 'returns_to',
    ...(JSON.parse(argv[2] ?? '{}') as object),
  }
  const traces = readLabelled('/work/shared/data/labels/train.jsonl')
  const scores: Scores = new Map()
  for (let fold = 0; fold < o.folds; fold++) {
    const ex = examplesOf(
      traces.filter((t) => foldOf(t.problem, o.folds) !== fold),
      o.rel,
      o.power,
    )
    const nets = Array.from({ length: o.members }, (_, m) => train(ex, { ...o, seed: o.seed + 101 * m }))
    for (const t of traces.filter((t) => foldOf(t.problem, o.folds) === fold))
      scores.set(
        t.id,
        describeAll(t.facts)
          .filter((d) => d.relation === o.rel)
          .map((d) => score(d, nets)),
      )
  }
  console.log(JSON.stringify(o))
  for (const stay of [0, 0.3, 0.6, 1, 1.5, 2, 3])
    console.log(`stay ${stay}  ${tally(traces, o.rel, (t) => decode(scores.get(t.id)!, stay, 0))}`)
  if (o.rel === 'verifies')
    for (const stay of [0.3, 0.6, 1, 1.5, 2, 3])
      console.log(
        `adjacent ${stay}  ${tally(traces, o.rel, (t) => {
          const l = scores.get(t.id)!
          return decode(l, stay, 0, (i) => (l[i]!.step - l[i - 1]!.step === 1 ? 1 : 0))
        })}`,
      )
}
