/**
 * What models say of steps beside behaviours: a vector of each step, to find steps like it, and how surprising each
 * token is. Vectors are directions of 8-bit numbers, row-major. Rows are read in the order of their ids, so that what
 * is new can be read alone.
 */
export const sql = `
CREATE TABLE step_vectors (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  model_id INTEGER NOT NULL REFERENCES models (id),
  trace_id INTEGER NOT NULL REFERENCES traces (id) ON DELETE CASCADE,
  segmenter INTEGER NOT NULL,
  width INTEGER NOT NULL,
  bounds BLOB NOT NULL,
  directions BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX step_vectors_by_model ON step_vectors (model_id, trace_id, segmenter);
CREATE INDEX step_vectors_by_trace ON step_vectors (trace_id);

CREATE TABLE token_scores (
  id INTEGER PRIMARY KEY,
  model_id INTEGER NOT NULL REFERENCES models (id),
  trace_id INTEGER NOT NULL REFERENCES traces (id) ON DELETE CASCADE,
  tokens INTEGER NOT NULL,
  surprisal REAL,
  entropy REAL,
  ends BLOB NOT NULL,
  bits BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX token_scores_by_model ON token_scores (model_id, trace_id);
CREATE INDEX token_scores_by_trace ON token_scores (trace_id);
`
