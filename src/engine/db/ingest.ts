import type { PreparedTrace } from '../importers/prepare.ts'
import type { Db } from './connection.ts'

/** Writes prepared traces. Call inside a transaction. */
export function createTraceWriter(db: Db): {
  /** Answers whether the trace was new. */
  insert(trace: PreparedTrace, sourceId: number): boolean
  /** Whether a source gave this response to this prompt already, whatever else is said of it. */
  has(trace: PreparedTrace, sourceId: number): boolean
} {
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
  // The prompt's index finds a few traces, the source's all of a file.
  const same = db.prepare(`
    SELECT 1 FROM traces WHERE prompt_id = (SELECT id FROM prompts WHERE hash = ?) AND +source_id = ?
      AND key IS ? AND sample IS ? AND text_hash = ? LIMIT 1`)
  const indexResponse = db.prepare('INSERT INTO responses_fts (rowid, response) VALUES (?, ?)')

  // Ids are looked up, not remembered: a transaction may be rolled back behind the writer, and another
  // row then gets the id.
  const runId = (name: string) => findRun.get(name)?.id ?? addRun.run(name).lastInsertRowid
  const promptId = (trace: PreparedTrace) => {
    const known = findPrompt.get(trace.promptHash)
    if (known !== undefined) return known.id
    const id = addPrompt.run(trace.promptHash, trace.prompt, trace.messages, trace.promptLone).lastInsertRowid
    indexPrompt.run(id, trace.prompt)
    return id
  }
  return {
    insert(trace, sourceId) {
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
    },
    has: ({ promptHash, key, sample, textHash }, sourceId) =>
      same.get(promptHash, sourceId, key, sample, textHash) !== undefined,
  }
}
