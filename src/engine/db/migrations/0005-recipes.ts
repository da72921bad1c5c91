/** Recipes that people saved, and the data sets that were written with recipes. */
export const sql = `
CREATE TABLE recipes (
  name TEXT PRIMARY KEY,
  text TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;

CREATE TABLE curated_sets (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  recipe TEXT NOT NULL,
  text TEXT NOT NULL,
  path TEXT NOT NULL,
  rows INTEGER NOT NULL,
  manifest_sha256 TEXT NOT NULL
) STRICT;
`
