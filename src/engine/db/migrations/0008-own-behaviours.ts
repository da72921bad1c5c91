/** Behaviours of a person's own, labels of them, and what heads that were trained on those say. */
export const sql = `
CREATE TABLE own_behaviours (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  description TEXT NOT NULL,
  at TEXT NOT NULL,
  head TEXT
) STRICT;

CREATE TABLE own_labels (
  trace_id INTEGER NOT NULL REFERENCES traces (id) ON DELETE CASCADE,
  behaviour_id INTEGER NOT NULL REFERENCES own_behaviours (id) ON DELETE CASCADE,
  start INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  annotator TEXT NOT NULL,
  verdict TEXT NOT NULL,
  at TEXT NOT NULL,
  text_hash TEXT NOT NULL,
  PRIMARY KEY (trace_id, behaviour_id, start, "end", annotator)
) STRICT, WITHOUT ROWID;
CREATE INDEX own_labels_by_behaviour ON own_labels (behaviour_id);

CREATE TABLE own_predictions (
  behaviour_id INTEGER NOT NULL REFERENCES own_behaviours (id) ON DELETE CASCADE,
  trace_id INTEGER NOT NULL REFERENCES traces (id) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  segmenter INTEGER,
  probabilities BLOB NOT NULL,
  steps INTEGER NOT NULL,
  episodes INTEGER NOT NULL,
  PRIMARY KEY (behaviour_id, trace_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX own_predictions_by_trace ON own_predictions (trace_id);
`
