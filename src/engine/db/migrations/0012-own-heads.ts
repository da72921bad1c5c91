/** Counts of people's own behaviours are those of the head that each has now: the index tells which head made them. */
export const sql = `
DROP INDEX own_predictions_counts;
CREATE INDEX own_predictions_of_head
  ON own_predictions (behaviour_id, trace_id, version, segmenter, steps, episodes);
`
