import { rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Filter } from '#shared/contract/filter.ts'
import { createClassificationStore } from '#engine/db/classification.ts'
import { openWorkspace, type Workspace } from '#engine/db/connection.ts'
import { unmeasured } from '#engine/db/graphs.ts'
import { createModelResults } from '#engine/db/model-results.ts'
import { createTraceStore } from '#engine/db/traces.ts'
import { createVectorStore } from '#engine/db/vectors.ts'
import { temporaryFolder } from '../engine/support.ts'

let folder: string
let workspace: Workspace
beforeEach(() => {
  folder = temporaryFolder()
  workspace = openWorkspace(folder, { create: true })
})
afterEach(() => {
  vi.restoreAllMocks()
  workspace.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Statements that work prepares, each with its query plan. */
function plans(work: () => void): { sql: string; plan: string[] }[] {
  const { db } = workspace
  const spy = vi.spyOn(db, 'prepare')
  work()
  const prepared = spy.mock.calls.map(([sql]) => sql)
  spy.mockRestore()
  return prepared.map((sql) => {
    const nothing = Array.from(sql.matchAll(/\?/g), () => null)
    const rows = db.prepare<null[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...nothing)
    return { sql, plan: rows.map(({ detail }) => detail) }
  })
}

const sorts = ({ plan }: { plan: string[] }) => plan.some((step) => step.includes('TEMP B-TREE'))
const readsTexts = ({ sql }: { sql: string }) => sql.includes('x.response')
const isListOfIds = ({ sql }: { sql: string }) => sql.trimStart().startsWith('SELECT t.id FROM')

const FILTERS: Record<string, Filter> = {
  everything: {},
  ids: { ids: [1, 2] },
  except: { except: [1] },
  runs: { runs: ['a'] },
  sources: { sources: [1] },
  'runs and ids': { runs: ['a'], ids: [1] },
  'runs and sources': { runs: ['a'], sources: [1] },
  search: { search: 'wait' },
  length: { length: { min: 3 } },
  correct: { correct: true },
  'a verdict': { verdict: 'no_answer' },
  'another verdict': { verdict: 'incorrect' },
  'a behaviour': { behaviours: [{ behaviour: 'backtracking', unit: 'steps', min: 1 }] },
  'a behaviour of their own': { own: [{ behaviour: 1, unit: 'steps', min: 1 }] },
  classified: { classified: true },
  'not classified': { classified: false },
  labelled: { labelled: true },
  measured: { measured: true },
  'a measure': { graph: { nodes: { min: 1 } } },
  metadata: { metadata: [{ path: 'a', op: 'exists' }] },
}

describe.each(Object.entries(FILTERS))('a page of traces by %s', (_, filter) => {
  it('has its texts read without sorting those of all others', () => {
    const { db } = workspace
    const scope = { filter, modelId: 1, segmenter: 1 }
    const made = plans(() => {
      const classifications = createClassificationStore(db)
      for (const force of [false, true])
        for (const beside of [false, true]) classifications.pending({ ...scope, force, beside })(1000)
      createModelResults(db, 'step_vectors').pending(scope)(1000)
      createModelResults(db, 'token_scores').pending({ filter, modelId: 1 })(1000)
      createTraceStore(db).page(filter, 0, 10)
      for (const force of [false, true]) unmeasured(db, filter, { graph: 1, segmenter: 1 }, force)
    })
    const [lists, texts] = [made.filter(isListOfIds), made.filter(readsTexts)]
    expect(lists.length).toBeGreaterThanOrEqual(8)
    expect(texts.length).toBeGreaterThanOrEqual(7)
    expect(texts.filter(sorts)).toEqual([])
  })
})

it('vectors of steps are read on without sorting those of all traces', () => {
  const made = plans(() => void createVectorStore(workspace.db))
  const pages = made.filter(({ sql }) => sql.includes('ORDER BY id LIMIT'))
  expect(pages).toHaveLength(1)
  expect(pages.filter(sorts)).toEqual([])
})

it('traces with a text are looked up, not looked for among all', () => {
  const made = plans(() => createTraceStore(workspace.db).indexTexts())
  const lookups = made.filter(({ sql }) => sql.includes('text_hash = ?'))
  expect(lookups.map(({ plan }) => plan[0])).toEqual([
    expect.stringContaining('SEARCH t USING INDEX traces_by_text'),
  ])
})

describe('texts that a model has not read', () => {
  it('come once each, in the order of ids, page by page', () => {
    const { db } = workspace
    db.exec(`
      PRAGMA foreign_keys = OFF;
      INSERT INTO runs VALUES (1, 'a'), (2, 'b');
      INSERT INTO prompts (id, hash, text) VALUES (1, x'00', 'why?');
      INSERT INTO traces (id, identity, run_id, checkpoint, prompt_id, source_id, row, text_hash, length)
        SELECT value, CAST(value AS BLOB), 1 + value % 2, -value, 1, 1, value, x'00', 10
        FROM json_each('${JSON.stringify(Array.from({ length: 20 }, (_, at) => at + 1))}');
      INSERT INTO texts (trace_id, metadata, response) SELECT id, '{}', printf('answer %3d', id) FROM traces;
      INSERT INTO predictions VALUES (6, 1, 1, x'00'), (8, 2, 1, x'00')`)
    const scope = { filter: { runs: ['a'] }, modelId: 1, segmenter: 1, force: false, beside: false }
    const next = createClassificationStore(db).pending(scope)
    // Restored in the meantime.
    db.exec(`INSERT INTO predictions VALUES (2, 1, 1, x'00')`)
    const pages = Array.from({ length: 4 }, () => next(800))
    expect(pages.map((page) => page.map(({ id }) => id))).toEqual([[4, 8, 10, 12], [14, 16, 18, 20], [], []])
    expect(pages[0]![1]).toEqual({ id: 8, prompt: 'why?', response: 'answer   8' })
  })
})
