/**
 * What models other than the one shown say of a trace's steps, so that models can be compared and changed without
 * computing anything again; and thresholds that the person has set, which a model's own never overwrite.
 */
export const sql = `
CREATE TABLE other_predictions (
  trace_id INTEGER NOT NULL REFERENCES traces (id) ON DELETE CASCADE,
  model_id INTEGER NOT NULL REFERENCES models (id),
  segmenter INTEGER NOT NULL,
  probabilities BLOB NOT NULL,
  PRIMARY KEY (trace_id, model_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX other_predictions_by_model ON other_predictions (model_id);

ALTER TABLE models ADD COLUMN chosen INTEGER NOT NULL DEFAULT 0;
`
