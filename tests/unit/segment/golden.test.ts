import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { segment } from '#shared/domain/segment/index.ts'
import { SHARED_DATA, hasSharedData } from '../shared-data.ts'
import { stepsOf } from './read-steps.ts'

interface Golden {
  source: string
  id: string
  text: string
  steps: string[]
}

const FIXTURE = resolve(import.meta.dirname, '../../fixtures/segment/golden.json')
const golden = JSON.parse(readFileSync(FIXTURE, 'utf8')) as Golden[]

/** Real excerpts; a change here is a change of boundaries: bump SEGMENTER_VERSION with it. */
describe('segment, real excerpts', () => {
  it.each(golden)('$source $id', ({ text, steps }) => {
    expect(stepsOf(text)).toEqual(steps)
  })
})

describe.skipIf(!hasSharedData)('segment, hand-labelled steps', () => {
  it.each(['train', 'dev'])('agrees with %s: boundary F1 of at least 0.97', (split) => {
    let hits = 0
    let found = 0
    let labelled = 0
    for (const line of readFileSync(join(SHARED_DATA, `labels/${split}.jsonl`), 'utf8').split('\n')) {
      if (line === '') continue
      const row = JSON.parse(line) as { text: string; steps: [number, number][] }
      const points = [...row.text]
      const gold = new Set(row.steps.map(([, end]) => points.slice(0, end).join('').length))
      const ours = segment(row.text).filter((_, k) => k % 2 === 1)
      hits += ours.filter((end) => gold.has(end)).length
      found += ours.length
      labelled += gold.size
    }
    expect((2 * hits) / (found + labelled)).toBeGreaterThan(0.97)
  })
})
