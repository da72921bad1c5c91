import { argv } from 'node:process'
import type { Relation } from '#shared/domain/graph/targets/describe.ts'
import { mostProbable, predictTargets, type Target } from '#shared/domain/graph/targets/predict.ts'
import { rank, type Network } from '#shared/domain/graph/targets/rank.ts'
import type { History } from '#shared/domain/graph/targets/history.ts'
import { readLabelled, type Labelled } from './labels.ts'
import { toExample, train, type Example, type Settings } from './learn.ts'

interface Score {
  n: number
  exact: number
  within2: number
}
type Pair = Record<Relation, Network[]>
type Guess = (trace: Labelled, relation: Relation, step: number) => Target

export const goldOf = (t: Labelled, r: Relation) => (r === 'verifies' ? t.verifies : t.returnsTo)

/** Examples of both relations along the histories that `guess` makes. */
export function gather(traces: readonly Labelled[], guess: Guess, power: number, scale = 1) {
  const made: Record<Relation, Example[]> = { returns_to: [], verifies: [] }
  for (const trace of traces) {
    predictTargets(trace.facts, (decision) => {
      const { relation, step } = decision
      const gold = goldOf(trace, relation)
      const target = gold.get(step)
      const example =
        target === undefined ? null : toExample(decision, target, scale * 2 * gold.size ** -power)
      if (example) made[relation].push(example)
      return guess(trace, relation, step)
    })
  }
  return made
}

export const gold: Guess = (t, r, s) => ({ target: goldOf(t, r).get(s) ?? s - 1, confidence: 0.9 })

export function foldOf(problem: string, folds: number): number {
  let h = 7
  for (let i = 0; i < problem.length; i++) h = (Math.imul(h, 31) + problem.charCodeAt(i)) | 0
  return (((h >>> 8) ^ h) >>> 0) % folds
}

export function tally(traces: readonly Labelled[], histories: Map<string, History>): string {
  const scores: Record<string, Score> = {}
  for (const trace of traces)
    for (const relation of ['returns_to', 'verifies'] as const) {
      const h = histories.get(trace.id)!
      const b = relation === 'verifies' ? h.verifies : h.returnsTo
      for (const [step, k] of goldOf(trace, relation))
        for (const key of [relation, `${relation} ${trace.source.slice(0, 9)}`]) {
          const s = (scores[key] ??= { n: 0, exact: 0, within2: 0 })
          s.n++
          if (b[step] === k) s.exact++
          if (Math.abs(b[step]! - k) <= 2) s.within2++
        }
    }
  return Object.entries(scores)
    .sort()
    .map(
      ([k, { n, exact, within2 }]) =>
        `  ${k.padEnd(22)} ${String(n).padStart(5)}  exact ${((100 * exact) / n).toFixed(1)}  within2 ${((100 * within2) / n).toFixed(1)}`,
    )
    .join('\n')
}

export interface Options extends Settings {
  members: number
  folds: number
  rounds: number
  power: number
  gold: number
  keep: number
}

export function fit(made: Record<Relation, Example[]>, o: Options, epochs: number): Pair {
  const nets = (examples: Example[]) =>
    Array.from({ length: o.members }, (_, m) => train(examples, { ...o, epochs, seed: o.seed + 101 * m }))
  return { returns_to: nets(made.returns_to), verifies: nets(made.verifies) }
}

export function diagnose(traces: readonly Labelled[], histories: Map<string, History>) {
  for (const t of traces) {
    if (t.returnsTo.size < 8) continue
    const g = new Map<number, number>(),
      p = new Map<number, number>()
    let ok = 0
    for (const [s, k] of t.returnsTo) {
      g.set(k, (g.get(k) ?? 0) + 1)
      const q = histories.get(t.id)!.returnsTo[s]!
      p.set(q, (p.get(q) ?? 0) + 1)
      if (q === k) ok++
    }
    const top = (m: Map<number, number>) =>
      [...m]
        .sort((a, b) => b[1] - a[1])
        .slice(0, 5)
        .map(([k, n]) => `${k}:${n}`)
        .join(' ')
    console.log(
      `${t.id.padEnd(40)} ${String(ok).padStart(3)}/${String(t.returnsTo.size).padEnd(3)} gold ${top(g).padEnd(40)} pred ${top(p)}`,
    )
  }
}

if (import.meta.main) {
  const o: Options = {
    hidden: 8,
    epochs: 8,
    rate: 0.003,
    decay: 0.03,
    dropout: 0.2,
    seed: 1,
    members: 1,
    folds: 5,
    rounds: 4,
    power: 0.5,
    gold: 0.3,
    keep: 1,
    ...(JSON.parse(argv[2] ?? '{}') as object),
  }
  const traces = readLabelled('/work/shared/data/labels/train.jsonl')
  console.log(JSON.stringify(o))
  const old: Map<string, History>[] = []
  for (let round = 0; round < o.rounds; round++) {
    const t0 = performance.now()
    const next = new Map<string, History>()
    const forced = new Map<string, History>()
    for (let fold = 0; fold < o.folds; fold++) {
      const part = traces.filter((t) => foldOf(t.problem, o.folds) !== fold)
      const made = gather(part, gold, o.power, round === 0 ? 1 : o.gold)
      for (const past of old.slice(-o.keep)) {
        const more = gather(
          part,
          (t, r, s) => {
            const h = past.get(t.id)!
            return r === 'verifies'
              ? { target: h.verifies[s]!, confidence: h.checkConfidence[s]! }
              : { target: h.returnsTo[s]!, confidence: h.returnConfidence[s]! }
          },
          o.power,
        )
        made.returns_to.push(...more.returns_to)
        made.verifies.push(...more.verifies)
      }
      const pair = fit(made, o, Math.ceil(o.epochs / (round === 0 ? 1 : 1 + old.slice(-o.keep).length)))
      for (const t of traces.filter((t) => foldOf(t.problem, o.folds) === fold)) {
        next.set(
          t.id,
          predictTargets(t.facts, (d) => mostProbable(d, rank(pair[d.relation], d))),
        )
        if (round === 0) {
          const own = predictTargets(t.facts, (d) => gold(t, d.relation, d.step))
          predictTargets(t.facts, (d) => {
            const { target } = mostProbable(d, rank(pair[d.relation], d))
            ;(d.relation === 'verifies' ? own.verifies : own.returnsTo)[d.step] = target
            return gold(t, d.relation, d.step)
          })
          forced.set(t.id, own)
        }
      }
    }
    old.push(next)
    if (round === 0) console.log(`with the right history\n${tally(traces, forced)}`)
    console.log(`round ${round} ${((performance.now() - t0) / 1000).toFixed(0)} s\n${tally(traces, next)}`)
    if (process.env['DIAG'] && round === o.rounds - 1) diagnose(traces, next)
  }
}
