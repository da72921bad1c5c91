import type { PreparedTrace } from '../importers/prepare.ts'
import type { Db } from './connection.ts'

/** Enough of a cache to serve rollouts that are ordered by prompt or loop over a few thousand prompts. */
const PROMPT_CACHE = 20_000

/** Writes prepared traces. Call inside a transaction; answers whether the trace was new. */
export function createTraceWriter(db: Db): { insert(trace: PreparedTrace, sourceId: number): boolean } {
  const findRun = db.prepare<[string], { id: number }>('SELECT id FROM runs WHERE name = ?')
  const addRun = db.prepare<[string]>('INSERT INTO runs (name) VALUES (?)')
  const findPrompt = db.prepare<[Uint8Array], { id: number }>('SELECT id FROM prompts WHERE hash = ?')
  const addPrompt = db.prepare('INSERT INTO prompts (hash, text, messages, lone) VALUES (?, ?, ?, ?)')
  const indexPrompt = db.prepare('INSERT INTO prompts_fts (rowid, text) VALUES (?, ?)')
  const addTrace = db.prepare(`
    INSERT INTO traces (identity, run_id, checkpoint, key, sample, prompt_id, source_id, row, line, byte_offset,
      text_hash, length, tokens, reward, correct, truncated, verified)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (identity) DO NOTHING`)
  const addText = db.prepare(
    'INSERT INTO texts (trace_id, metadata, reference, lone, response) VALUES (?, ?, ?, ?, ?)',
  )
  const indexResponse = db.prepare('INSERT INTO responses_fts (rowid, response) VALUES (?, ?)')

  // A cached id is only as good as the transaction that made its row: a rollback must not leave one behind.
  let runs = new Map<string, number | bigint>()
  let prompts = new Map<string, number | bigint>()

  const runId = (name: string) => {
    let id = runs.get(name)
    if (id === undefined) {
      id = findRun.get(name)?.id ?? addRun.run(name).lastInsertRowid
      runs.set(name, id)
    }
    return id
  }
  const promptId = (trace: PreparedTrace) => {
    const cacheKey = Buffer.from(
      trace.promptHash.buffer,
      trace.promptHash.byteOffset,
      trace.promptHash.length,
    ).toString('latin1')
    let id = prompts.get(cacheKey)
    if (id === undefined) {
      id = findPrompt.get(trace.promptHash)?.id
      if (id === undefined) {
        id = addPrompt.run(trace.promptHash, trace.prompt, trace.messages, trace.promptLone).lastInsertRowid
        indexPrompt.run(id, trace.prompt)
      }
      if (prompts.size >= PROMPT_CACHE) prompts = new Map()
      prompts.set(cacheKey, id)
    }
    return id
  }
  const insert = (trace: PreparedTrace, sourceId: number): boolean => {
    const { changes, lastInsertRowid } = addTrace.run(
      trace.identity,
      runId(trace.run),
      trace.checkpoint,
      trace.key,
      trace.sample,
      promptId(trace),
      sourceId,
      trace.row,
      trace.line,
      trace.offset,
      trace.textHash,
      trace.length,
      trace.tokens,
      trace.reward,
      trace.correct,
      trace.truncated,
      trace.verified,
    )
    if (changes === 0) return false
    addText.run(lastInsertRowid, trace.metadata, trace.reference, trace.responseLone, trace.response)
    indexResponse.run(lastInsertRowid, trace.response)
    return true
  }
  return {
    insert(trace, sourceId) {
      try {
        return insert(trace, sourceId)
      } catch (error) {
        runs = new Map()
        prompts = new Map()
        throw error
      }
    },
  }
}
