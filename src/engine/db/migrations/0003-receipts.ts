/**
 * Receipts make a repeated change happen once. An annotation's id is never given again, so that what
 * remembers it (the history, a browser that was offline) never finds another label under it.
 */
export const sql = `
CREATE TABLE receipts (
  id INTEGER PRIMARY KEY,
  token TEXT NOT NULL UNIQUE,
  answer TEXT NOT NULL
) STRICT;

ALTER TABLE history ADD COLUMN annotator TEXT;
CREATE INDEX history_by_trace ON history (trace_id, id);
CREATE INDEX history_undone ON history (undone, id);

CREATE TABLE annotation_ids (
  last INTEGER NOT NULL
) STRICT;
INSERT INTO annotation_ids SELECT max(
  coalesce((SELECT max(id) FROM annotations), 0),
  coalesce((SELECT max(json_extract(change.value, '$.before.id'))
    FROM history, json_each(history.changes) AS change WHERE json_extract(change.value, '$.kind') = 'annotation'), 0),
  coalesce((SELECT max(json_extract(change.value, '$.after.id'))
    FROM history, json_each(history.changes) AS change WHERE json_extract(change.value, '$.kind') = 'annotation'), 0)
);
CREATE TRIGGER annotations_ids AFTER DELETE ON annotations BEGIN
  UPDATE annotation_ids SET last = old.id WHERE last < old.id;
END;
`
