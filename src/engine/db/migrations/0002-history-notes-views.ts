/** What a person does to a workspace: a history that can be undone, notes, saved views, settings. */
export const sql = `
CREATE TABLE history (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  title TEXT NOT NULL,
  trace_id INTEGER,
  changes TEXT NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE notes (
  trace_id INTEGER PRIMARY KEY REFERENCES traces (id) ON DELETE CASCADE,
  text TEXT NOT NULL,
  annotator TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;

CREATE TABLE views (
  name TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
`
