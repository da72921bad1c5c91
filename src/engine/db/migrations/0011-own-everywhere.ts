/**
 * Behaviours of a person's own can be removed and put back: `removed` then holds the name, which is free for another.
 * Their predictions say which head made them and from where on it counts, since those of another workspace may be read.
 */
export const sql = `
ALTER TABLE own_behaviours ADD COLUMN removed TEXT;
ALTER TABLE own_predictions ADD COLUMN threshold REAL;
ALTER TABLE own_predictions ADD COLUMN model TEXT;
ALTER TABLE own_predictions ADD COLUMN model_version TEXT;
CREATE INDEX own_predictions_counts ON own_predictions (behaviour_id, trace_id, steps, episodes);
`
