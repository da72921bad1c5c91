import { readFileSync } from 'node:fs'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import type { Relation } from '#shared/domain/graph/targets/candidates.ts'
import { readFacts, type Facts } from '#shared/domain/graph/targets/facts.ts'
import { createOffsetConverter } from '#shared/domain/offsets.ts'

/** A labelled trace: its facts, with the behaviours as labelled, and the targets of its checks and turns. */
export interface Labelled {
  id: string
  source: string
  problem: string
  facts: Facts
  returnsTo: Map<number, number>
  verifies: Map<number, number>
}

interface Row {
  id: string
  source: string
  problem: string
  text: string
  steps: [number, number][]
  annotations: { step: number; behaviours: string[]; returns_to?: number; verifies?: number }[]
}

export function targetsOf(trace: Labelled, relation: Relation): Map<number, number> {
  return relation === 'verifies' ? trace.verifies : trace.returnsTo
}

export function readLabelled(file: string): Labelled[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const row = JSON.parse(line) as Row
      const offsets = createOffsetConverter(row.text, 'code_points')
      const bounds = Uint32Array.from(row.steps.flat(), (offset) => offsets.toUtf16(offset))
      const shown = new Uint8Array(row.steps.length * 4)
      const returnsTo = new Map<number, number>()
      const verifies = new Map<number, number>()
      for (const { step, behaviours, returns_to, verifies: checked } of row.annotations) {
        BEHAVIOURS.forEach((behaviour, at) => {
          if (behaviours.includes(behaviour)) shown[step * 4 + at] = 1
        })
        if (returns_to !== undefined) returnsTo.set(step, returns_to)
        if (checked !== undefined) verifies.set(step, checked)
      }
      return {
        id: row.id,
        source: row.source,
        problem: row.problem,
        facts: readFacts(row.text, bounds, shown),
        returnsTo,
        verifies,
      }
    })
}
