import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import type { Relation } from '#shared/domain/graph/targets/candidates.ts'
import { readFacts, type Facts } from '#shared/domain/graph/targets/facts.ts'
import { createOffsetConverter } from '#shared/domain/offsets.ts'

/** A labelled trace: its facts, with the behaviours as labelled, and the targets of its checks and turns. */
export interface Labelled {
  /** Tells it from all others, of other files too. */
  key: string
  source: string
  problem: string
  facts: Facts
  returnsTo: Map<number, number>
  verifies: Map<number, number>
  /** Labelled by a language model. */
  made: boolean
}

interface Annotated {
  id: string
  steps: [number, number][]
  annotations: { step: number; behaviours: string[]; returns_to?: number; verifies?: number }[]
}

interface Text {
  id: string
  problem: string
  text: string
}

export function targetsOf(trace: Labelled, relation: Relation): Map<number, number> {
  return relation === 'verifies' ? trace.verifies : trace.returnsTo
}

/** Labelled rows, as the shared data has them and `cairn graph targets` prints them. */
export function readLabelled(file: string): Labelled[] {
  return rowsOf<Annotated & Text & { source: string }>(file).map((row) =>
    toLabelled(row, row, row.source, false),
  )
}

/**
 * Traces that a language model labelled, `{file, id, steps, annotations}` a line without their text, which is in
 * `FILE.jsonl` among `texts`. Those whose text is not among them are left out.
 */
export function readMade(file: string, texts: readonly string[]): { traces: Labelled[]; missing: number } {
  const found = new Map(
    texts.flatMap((path) =>
      rowsOf<Text>(path).map((row) => [`${basename(path, '.jsonl')} ${row.id}`, row] as const),
    ),
  )
  const rows = rowsOf<Annotated & { file: string }>(file)
  const traces = rows.flatMap((row) => {
    const text = found.get(`${row.file} ${row.id}`)
    return text === undefined ? [] : [toLabelled(row, text, row.file, true)]
  })
  return { traces, missing: rows.length - traces.length }
}

function rowsOf<T>(file: string): T[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as T)
}

/** Offsets count code points. */
function toLabelled(
  { steps, annotations }: Annotated,
  { id, text, problem }: Text,
  source: string,
  made: boolean,
): Labelled {
  const offsets = createOffsetConverter(text, 'code_points')
  const bounds = Uint32Array.from(steps.flat(), (offset) => offsets.toUtf16(offset))
  const shown = new Uint8Array(steps.length * BEHAVIOURS.length)
  const returnsTo = new Map<number, number>()
  const verifies = new Map<number, number>()
  for (const { step, behaviours, returns_to, verifies: checked } of annotations) {
    BEHAVIOURS.forEach((behaviour, at) => {
      if (behaviours.includes(behaviour)) shown[step * BEHAVIOURS.length + at] = 1
    })
    if (returns_to !== undefined) returnsTo.set(step, returns_to)
    if (checked !== undefined) verifies.set(step, checked)
  }
  const facts = readFacts(text, bounds, shown)
  return {
    key: `${made ? 'made' : 'given'} ${source} ${id}`,
    ...{ source, problem: String(problem), facts, returnsTo, verifies, made },
  }
}
