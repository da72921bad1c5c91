/**
 * Accuracy of the targets on problems left out of training; the options are those of `train.ts`.
 *
 *   node tools/train/graph/cross-validate.ts LABELS_FOLDER [--people FILE …] [--made FILE --text FILE …]
 */
import type { Relation } from '#shared/domain/graph/targets/candidates.ts'
import { createDecider, score } from '#shared/domain/graph/targets/choose.ts'
import { decode, type Bonds, type Scored, type Target } from '#shared/domain/graph/targets/decode.ts'
import { createRanker } from '#shared/domain/graph/targets/rank.ts'
import { targetsOf, type Labelled } from './labels.ts'
import { toExample, train, type Example } from './learn.ts'
import { readOptions } from './options.ts'
import { BONDS, FOLDS, SETTINGS } from './settings.ts'

export type Chosen = ReadonlyMap<string, Target[]>

/** One example for each labelled target among the candidates; a trace with many weighs less than they would. */
export function examplesOf(
  traces: readonly Labelled[],
  relation: Relation,
  checked: Chosen | null,
): Example[] {
  const { power, made } = SETTINGS[relation]
  return traces.flatMap((trace) => {
    const gold = targetsOf(trace, relation)
    const weight = 2 * gold.size ** -power * (trace.made ? made : 1)
    const { parts, decisions } = createDecider(trace.facts)
    return decisions(relation, checked?.get(trace.key) ?? null).flatMap((decision) => {
      const target = gold.get(decision.step)
      const example = target === undefined ? null : toExample(decision, parts, target, weight)
      return example === null ? [] : [example]
    })
  })
}

/** Scores the traces that are wanted with networks that have not seen their problem. */
export function crossFit(
  traces: readonly Labelled[],
  relation: Relation,
  checked: Chosen | null,
  wanted: (trace: Labelled) => boolean,
): Map<string, Scored[]> {
  const scored = new Map<string, Scored[]>()
  for (let fold = 0; fold < FOLDS; fold++) {
    const inside = (trace: Labelled) => foldOf(trace.problem) === fold
    const ranker = createRanker(
      train(
        examplesOf(
          traces.filter((trace) => !inside(trace)),
          relation,
          checked,
        ),
        SETTINGS[relation],
      ),
    )
    for (const trace of traces.filter((trace) => inside(trace) && wanted(trace))) {
      const { parts, decisions } = createDecider(trace.facts)
      const rank = ranker(parts)
      scored.set(
        trace.key,
        decisions(relation, checked?.get(trace.key) ?? null).map((decision) => score(rank, decision)),
      )
    }
  }
  return scored
}

export function decodeAll(scored: ReadonlyMap<string, Scored[]>, bonds: Bonds): Map<string, Target[]> {
  return new Map([...scored].map(([id, list]) => [id, decode(list, bonds)]))
}

function foldOf(problem: string): number {
  let hash = 7
  for (let at = 0; at < problem.length; at++) hash = (Math.imul(hash, 31) + problem.charCodeAt(at)) | 0
  return (((hash >>> 8) ^ hash) >>> 0) % FOLDS
}

function report(traces: readonly Labelled[], relation: Relation, chosen: Chosen): string {
  const counts = new Map<string, [n: number, exact: number, within: number]>()
  for (const trace of traces) {
    const targets = new Map(chosen.get(trace.key)!.map(({ step, target }) => [step, target]))
    for (const [step, gold] of targetsOf(trace, relation)) {
      for (const key of ['all', trace.source]) {
        const count = counts.get(key) ?? [0, 0, 0]
        counts.set(key, count)
        count[0]++
        if (targets.get(step) === gold) count[1]++
        if (Math.abs(targets.get(step)! - gold) <= 2) count[2]++
      }
    }
  }
  const share = (part: number, n: number) => `${((100 * part) / n).toFixed(1)} %`.padStart(7)
  return [...counts]
    .map(
      ([key, [n, exact, within]]) =>
        `    ${key.padEnd(24)}${String(n).padStart(5)}  ${share(exact, n)}  ${share(within, n)}`,
    )
    .join('\n')
}

if (import.meta.main) {
  const traces = readOptions('cross-validate.ts')
  const given = traces.filter(({ made }) => !made)
  let checked: Chosen | null = null
  for (const relation of ['verifies', 'returns_to'] as const) {
    const wanted = ({ made, returnsTo }: Labelled) => !made || (relation === 'verifies' && returnsTo.size > 0)
    const scored = crossFit(traces, relation, checked, wanted)
    for (const bonds of [{ adjacent: 0, apart: 0 }, BONDS[relation]]) {
      const chosen = decodeAll(scored, bonds)
      console.log(
        `${relation}, ${JSON.stringify(bonds)}: n, exact, within 2\n${report(given, relation, chosen)}`,
      )
    }
    if (relation === 'verifies') checked = decodeAll(scored, BONDS.verifies)
  }
}
