/**
 * Figures of reasoning graphs, one narrow row a trace, beside what they were made from: they are old when the model,
 * the steps or the labels have changed since. The outline comes last, so that figures are read without it. Edits are
 * people's and stand apart from what was inferred.
 */
export const sql = `
CREATE TABLE graphs (
  trace_id INTEGER PRIMARY KEY REFERENCES traces (id) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  segmenter INTEGER NOT NULL,
  model_id INTEGER,
  stale INTEGER NOT NULL DEFAULT 0,
  method TEXT NOT NULL,
  nodes REAL,
  depth REAL,
  branching REAL,
  dead_ends REAL,
  abandoned_share REAL,
  first_backtrack REAL,
  checks_per_result REAL,
  longest_stretch REAL,
  wrong_to_right REAL,
  right_to_wrong REAL,
  wrong_equations REAL,
  loops REAL,
  shape BLOB NOT NULL
) STRICT;

CREATE TRIGGER graphs_labelled AFTER INSERT ON annotations BEGIN
  UPDATE graphs SET stale = 1 WHERE trace_id = new.trace_id;
END;
CREATE TRIGGER graphs_unlabelled AFTER DELETE ON annotations BEGIN
  UPDATE graphs SET stale = 1 WHERE trace_id = old.trace_id;
END;

CREATE TABLE graph_edits (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  trace_id INTEGER NOT NULL REFERENCES traces (id) ON DELETE CASCADE,
  change TEXT NOT NULL,
  annotator TEXT NOT NULL,
  at TEXT NOT NULL,
  text_hash TEXT NOT NULL
) STRICT;
CREATE INDEX graph_edits_by_trace ON graph_edits (trace_id, id);
`
