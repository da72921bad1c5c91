import type { Db } from './connection.ts'

interface StoredRecipe {
  name: string
  text: string
  at: string
}

interface StoredSet {
  id: number
  at: string
  recipe: string
  text: string
  path: string
  rows: number
  manifestSha256: string
}

export type RecipeStore = ReturnType<typeof createRecipeStore>

/** Saved recipes, and what was written with recipes. */
export function createRecipeStore(db: Db) {
  const list = db.prepare<[], StoredRecipe>('SELECT name, text, at FROM recipes ORDER BY name')
  const put = db.prepare('INSERT OR REPLACE INTO recipes (name, text, at) VALUES (?, ?, ?)')
  const drop = db.prepare('DELETE FROM recipes WHERE name = ?')
  const sets = db.prepare<[], StoredSet>(
    'SELECT id, at, recipe, text, path, rows, manifest_sha256 AS manifestSha256 FROM curated_sets ORDER BY id DESC LIMIT 500',
  )
  const addSet = db.prepare(
    'INSERT INTO curated_sets (at, recipe, text, path, rows, manifest_sha256) VALUES (?, ?, ?, ?, ?, ?)',
  )
  return {
    list: (): StoredRecipe[] => list.all(),
    put: ({ name, text, at }: StoredRecipe): void => void put.run(name, text, at),
    drop: (name: string): boolean => drop.run(name).changes > 0,
    sets: (): StoredSet[] => sets.all(),
    addSet: ({ at, recipe, text, path, rows, manifestSha256 }: Omit<StoredSet, 'id'>): void =>
      void addSet.run(at, recipe, text, path, rows, manifestSha256),
  }
}
