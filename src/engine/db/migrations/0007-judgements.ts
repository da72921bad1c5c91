/** What language models answered when they were asked how often a behaviour shows in a trace. */
export const sql = `
CREATE TABLE judgements (
  trace_id INTEGER NOT NULL REFERENCES traces (id) ON DELETE CASCADE,
  judge TEXT NOT NULL,
  behaviour TEXT NOT NULL,
  count INTEGER,
  error TEXT,
  answer TEXT NOT NULL,
  tokens_asked INTEGER NOT NULL,
  tokens_answered INTEGER NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (judge, trace_id, behaviour)
) STRICT, WITHOUT ROWID;
`
