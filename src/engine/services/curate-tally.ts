import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import type { Chosen, CurateTrace } from '#shared/domain/curate/index.ts'
import { emptyTally, type Tally } from '../exporters/dataset/manifest.ts'

/** Where a row comes from. `traces` of a pair are the chosen and the rejected one. */
export function provenanceRow(unit: Chosen, traces: readonly CurateTrace[], file: string, row: number) {
  return {
    file,
    row,
    group: unit.group,
    prompt: unit.prompt,
    traces: traces.map((trace, at) => {
      const { counts, correct, characters, size, from } = unit.facts[at]!
      return {
        source: trace.source.name,
        row: trace.source.row,
        run: trace.run,
        checkpoint: trace.checkpoint,
        key: trace.key,
        sample: trace.sample,
        text_hash: trace.textHash,
        correct,
        behaviours: Object.fromEntries(BEHAVIOURS.map((name, index) => [name, counts[index]!])),
        labels: [...from],
        characters,
        size,
      }
    }),
  }
}

/** What made the steps and predictions of a set. */
export interface Versions {
  readonly segmenters: readonly number[]
  readonly models: readonly { model: string; version: string }[]
}

/** Counts rows as they are written. */
export function createTally() {
  const tally: Tally = emptyTally()
  const prompts = new Set<number>()
  const segmenters = new Set<number>()
  const models = new Map<string, { model: string; version: string }>()
  return {
    /** Once for every row. */
    add({ facts, prompt }: Chosen) {
      const { correct, counts, characters, from } = facts[0]!
      tally.rows++
      prompts.add(prompt)
      if (correct !== null) tally[correct ? 'correct' : 'incorrect']++
      for (const [at, count] of counts.entries()) {
        const total = tally.behaviours[at]!
        total.steps += count
        if (count > 0) total.rows++
      }
      const { least, most, total } = tally.characters
      tally.characters = {
        total: total + characters,
        least: tally.rows === 1 ? characters : Math.min(least, characters),
        most: Math.max(most, characters),
      }
      for (const source of from) tally.labels[source]++
    },
    sawTraces(traces: readonly CurateTrace[]) {
      for (const { prediction, segmenter } of traces) {
        if (segmenter !== null) segmenters.add(segmenter)
        if (prediction !== null) models.set(`${prediction.model} ${prediction.version}`, prediction)
      }
    },
    versions: (): Versions => ({
      segmenters: [...segmenters].sort((a, b) => a - b),
      models: [...models]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { model, version }]) => ({ model, version })),
    }),
    result: (): Tally => ({ ...tally, prompts: prompts.size }),
  }
}
