import { rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openWorkspace, type Workspace } from '#engine/db/connection.ts'
import { createTraceWriter } from '#engine/db/ingest.ts'
import { createJobStore } from '#engine/db/jobs.ts'
import { createSourceStore } from '#engine/db/sources.ts'
import { prepareTrace, type PreparedTrace } from '#engine/importers/prepare.ts'
import { temporaryFolder } from '../engine/support.ts'

let folder: string
let workspace: Workspace
let sourceId: number
beforeEach(() => {
  folder = temporaryFolder()
  workspace = openWorkspace(folder, { create: true })
  const progress = { done: 0, total: null, unit: 'bytes' as const, traces: 0, note: '' }
  const jobId = createJobStore(workspace.db).add('import', {}, progress, 'now')
  sourceId = createSourceStore(workspace.db).add(jobId, {
    name: 'f',
    path: null,
    bytes: 0,
    container: 'jsonl',
    shape: 'fields',
    mapping: null,
    run: null,
    checkpoint: null,
    importedAt: 'now',
  })
})
afterEach(() => {
  workspace.close()
  rmSync(folder, { recursive: true, force: true })
})

function trace(prompt: string, run: string, response: string): PreparedTrace {
  const draft = {
    run,
    checkpoint: null,
    key: null,
    sample: null,
    prompt,
    messages: null,
    response,
    reference: null,
    reward: null,
    correct: null,
    truncated: null,
    tokens: null,
    metadata: {},
  }
  const context = { run, checkpoint: null, runOverride: null, checkpointOverride: null, positional: false }
  return prepareTrace(draft, { line: 1, row: 0, offset: 0 }, 0, context)
}

const stored = () =>
  workspace.db
    .prepare(
      `SELECT r.name AS run, p.text AS prompt, x.response FROM traces t
       JOIN runs r ON r.id = t.run_id JOIN prompts p ON p.id = t.prompt_id JOIN texts x ON x.trace_id = t.id
       ORDER BY t.id`,
    )
    .all()

describe('a trace writer', () => {
  it('takes equal traces once and equal prompts once', () => {
    const writer = createTraceWriter(workspace.db)
    expect(writer.insert(trace('p', 'r', 'a'), sourceId)).toBe(true)
    expect(writer.insert(trace('p', 'r', 'a'), sourceId)).toBe(false)
    expect(writer.insert(trace('p', 'r', 'b'), sourceId)).toBe(true)
    expect(writer.insert(trace('p', 's', 'a'), sourceId)).toBe(true)
    expect(workspace.db.prepare('SELECT count(*) AS n FROM prompts').get()).toEqual({ n: 1 })
  })

  it('gives every trace its own prompt and run after a transaction was rolled back behind it', () => {
    const writer = createTraceWriter(workspace.db)
    const { db } = workspace
    expect(() =>
      db.transaction(() => {
        writer.insert(trace('lost prompt', 'lost run', 'a'), sourceId)
        // As when the disk is full at the commit: the writer itself never hears of it.
        throw new Error('rolled back')
      })(),
    ).toThrow('rolled back')
    db.transaction(() => {
      writer.insert(trace('other prompt', 'other run', 'b'), sourceId)
      writer.insert(trace('lost prompt', 'lost run', 'a'), sourceId)
    })()
    expect(stored()).toEqual([
      { run: 'other run', prompt: 'other prompt', response: 'b' },
      { run: 'lost run', prompt: 'lost prompt', response: 'a' },
    ])
  })
})
