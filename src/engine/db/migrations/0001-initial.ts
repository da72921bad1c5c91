/**
 * Narrow `traces` rows carry what is filtered and sorted; long texts stand apart in `texts`, prompts
 * once each in `prompts`, so that a scan of a million traces never touches a response.
 */
export const sql = `
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE jobs (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  input TEXT NOT NULL,
  progress TEXT NOT NULL,
  result TEXT NOT NULL DEFAULT 'null',
  error TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE sources (
  id INTEGER PRIMARY KEY,
  job_id INTEGER NOT NULL REFERENCES jobs (id),
  name TEXT NOT NULL,
  path TEXT,
  bytes INTEGER NOT NULL,
  sha256 TEXT,
  container TEXT NOT NULL,
  shape TEXT NOT NULL,
  mapping TEXT,
  run TEXT,
  checkpoint REAL,
  state TEXT NOT NULL,
  read INTEGER NOT NULL DEFAULT 0,
  imported INTEGER NOT NULL DEFAULT 0,
  duplicates INTEGER NOT NULL DEFAULT 0,
  rejected INTEGER NOT NULL DEFAULT 0,
  cursor TEXT,
  imported_at TEXT NOT NULL,
  UNIQUE (job_id, name)
) STRICT;

CREATE TABLE prompts (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  text TEXT NOT NULL,
  messages TEXT,
  lone TEXT
) STRICT;

CREATE TABLE traces (
  id INTEGER PRIMARY KEY,
  identity BLOB NOT NULL UNIQUE,
  run_id INTEGER NOT NULL REFERENCES runs (id),
  checkpoint REAL,
  key TEXT,
  sample INTEGER,
  prompt_id INTEGER NOT NULL REFERENCES prompts (id),
  source_id INTEGER NOT NULL REFERENCES sources (id),
  row INTEGER NOT NULL,
  line INTEGER,
  byte_offset INTEGER,
  text_hash BLOB NOT NULL,
  length INTEGER NOT NULL,
  tokens REAL,
  reward REAL,
  correct INTEGER,
  truncated INTEGER,
  verified INTEGER,
  annotations INTEGER NOT NULL DEFAULT 0,
  model_id INTEGER REFERENCES models (id),
  verification_steps INTEGER,
  backtracking_steps INTEGER,
  subgoal_setting_steps INTEGER,
  backward_chaining_steps INTEGER,
  verification_episodes INTEGER,
  backtracking_episodes INTEGER,
  subgoal_setting_episodes INTEGER,
  backward_chaining_episodes INTEGER
) STRICT;
CREATE INDEX traces_by_run ON traces (run_id, checkpoint);
CREATE INDEX traces_by_source ON traces (source_id);
CREATE INDEX traces_by_prompt ON traces (prompt_id);
CREATE INDEX traces_by_model ON traces (model_id);
CREATE INDEX traces_by_length ON traces (length);

CREATE TABLE texts (
  trace_id INTEGER PRIMARY KEY REFERENCES traces (id) ON DELETE CASCADE,
  metadata TEXT NOT NULL,
  reference TEXT,
  lone TEXT,
  response TEXT NOT NULL
) STRICT;

CREATE VIRTUAL TABLE responses_fts USING fts5 (
  response, content = 'texts', content_rowid = 'trace_id', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE prompts_fts USING fts5 (
  text, content = 'prompts', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TABLE models (
  id INTEGER PRIMARY KEY,
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  thresholds TEXT NOT NULL,
  UNIQUE (model, version)
) STRICT;

CREATE TABLE steps (
  trace_id INTEGER PRIMARY KEY REFERENCES traces (id) ON DELETE CASCADE,
  segmenter INTEGER NOT NULL,
  bounds BLOB NOT NULL
) STRICT;

CREATE TABLE predictions (
  trace_id INTEGER PRIMARY KEY REFERENCES traces (id) ON DELETE CASCADE,
  model_id INTEGER NOT NULL REFERENCES models (id),
  segmenter INTEGER NOT NULL,
  probabilities BLOB NOT NULL
) STRICT;

CREATE TABLE annotations (
  id INTEGER PRIMARY KEY,
  trace_id INTEGER NOT NULL REFERENCES traces (id) ON DELETE CASCADE,
  start INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  behaviour TEXT NOT NULL,
  verdict TEXT NOT NULL,
  annotator TEXT NOT NULL,
  at TEXT NOT NULL,
  text_hash TEXT NOT NULL,
  target TEXT,
  note TEXT NOT NULL
) STRICT;
CREATE INDEX annotations_by_trace ON annotations (trace_id, start);
CREATE UNIQUE INDEX annotations_once ON annotations
  (trace_id, start, "end", behaviour, verdict, annotator, coalesce(target, ''), note);

CREATE TRIGGER annotations_counted AFTER INSERT ON annotations BEGIN
  UPDATE traces SET annotations = annotations + 1 WHERE id = new.trace_id;
END;
CREATE TRIGGER annotations_uncounted AFTER DELETE ON annotations BEGIN
  UPDATE traces SET annotations = annotations - 1 WHERE id = old.trace_id;
END;

CREATE TABLE rejects (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  row INTEGER NOT NULL,
  line INTEGER,
  byte_offset INTEGER,
  traces INTEGER NOT NULL,
  raw BLOB NOT NULL
) STRICT;
CREATE INDEX rejects_by_source ON rejects (source_id);
`
