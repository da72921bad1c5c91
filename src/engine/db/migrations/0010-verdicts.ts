/**
 * What Cairn's checkers make of answers, beside what the file says. `checking` is the way of checking, as a hash: other
 * ways make them anew. `traces.verified` holds the same as a flag, for lists and sums.
 */
export const sql = `
CREATE TABLE verdicts (
  trace_id INTEGER PRIMARY KEY REFERENCES traces (id) ON DELETE CASCADE,
  outcome TEXT NOT NULL,
  checker TEXT NOT NULL,
  checking TEXT NOT NULL,
  method TEXT,
  extracted TEXT,
  reference TEXT,
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX verdicts_by_outcome ON verdicts (outcome, trace_id);
`
