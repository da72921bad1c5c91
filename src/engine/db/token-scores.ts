import {
  decodeScores,
  encodeScores,
  type DecodedScores,
  type TokenScores,
} from '#shared/domain/surprisal/codec.ts'
import { meanOf } from '#shared/domain/surprisal/per-step.ts'
import type { Db } from './connection.ts'
import { createModelResults } from './model-results.ts'

export type TokenScoreStore = ReturnType<typeof createTokenScoreStore>

/** How surprising the tokens of responses are, by language model. */
export function createTokenScoreStore(db: Db) {
  const put = db.prepare(`
    INSERT OR REPLACE INTO token_scores (model_id, trace_id, tokens, surprisal, entropy, ends, bits)
    VALUES (?, ?, ?, ?, ?, ?, ?)`)
  const get = db.prepare<[number, number], { ends: Uint8Array; bits: Uint8Array }>(
    'SELECT ends, bits FROM token_scores WHERE model_id = ? AND trace_id = ?',
  )
  const ofTrace = db.prepare<[number], { model: string; version: string; id: number }>(`
    SELECT m.model, m.version, m.id FROM token_scores s JOIN models m ON m.id = s.model_id
    WHERE s.trace_id = ? ORDER BY s.id DESC`)
  const made = db.prepare<
    [],
    { model: string; version: string; traces: number; surprisal: number | null; entropy: number | null }
  >(`
    SELECT m.model, m.version, count(*) AS traces,
      sum(s.surprisal * s.tokens) / sum(s.tokens) AS surprisal, sum(s.entropy * s.tokens) / sum(s.tokens) AS entropy
    FROM token_scores s JOIN models m ON m.id = s.model_id GROUP BY m.id ORDER BY max(s.id) DESC`)
  const known = (value: number) => (Number.isNaN(value) ? null : value)

  return {
    ...createModelResults(db, 'token_scores'),

    /** Models whose scores are here, the one used last first, with the means over all tokens, in bits. */
    made: () => made.all(),
    /** Models that have scored a trace, the one used last first. */
    modelsOf: (traceId: number) => ofTrace.all(traceId),

    /** Stores the scores of several traces in one transaction. */
    store: db.transaction((modelId: number, results: readonly (TokenScores & { traceId: number })[]) => {
      for (const { traceId, ...scores } of results) {
        const { ends, values } = encodeScores(scores)
        const means = [meanOf(scores.surprisal), meanOf(scores.entropy)].map(known)
        put.run(modelId, traceId, scores.ends.length, ...means, ends, values)
      }
    }),

    /** Scores of a trace's tokens; null where the model has none. */
    get(modelId: number, traceId: number): DecodedScores | null {
      const row = get.get(modelId, traceId)
      return row === undefined ? null : decodeScores(row.ends, row.bits)
    },
  }
}
