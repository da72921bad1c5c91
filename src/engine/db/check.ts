import type { Db } from './connection.ts'

/** Problems of the database in words; none when it is sound. Reads every page: slow on large workspaces. */
export function checkDatabase(db: Db): string[] {
  const problems: string[] = []
  const attempt = (what: string, work: () => string[]) => {
    try {
      problems.push(...work())
    } catch (error) {
      problems.push(`${what}: ${(error as Error).message}`)
    }
  }
  attempt('pages', () =>
    (db.pragma('integrity_check(20)') as { integrity_check: string }[])
      .map((row) => row.integrity_check)
      .filter((line) => line !== 'ok'),
  )
  attempt('references', () =>
    (db.pragma('foreign_key_check') as { table: string; rowid: number; parent: string }[])
      .slice(0, 20)
      .map(({ table, rowid, parent }) => `${table} row ${rowid} refers to a missing row of ${parent}`),
  )
  for (const index of ['responses_fts', 'prompts_fts'])
    attempt(`search index ${index}`, () => {
      db.exec(`INSERT INTO ${index} (${index}, rank) VALUES ('integrity-check', 1)`)
      return []
    })
  attempt('texts', () => {
    const row = db
      .prepare<[], { n: number }>(
        'SELECT count(*) AS n FROM traces t LEFT JOIN texts x ON x.trace_id = t.id WHERE x.trace_id IS NULL',
      )
      .get()!
    return row.n === 0 ? [] : [`${row.n} traces have no text`]
  })
  return problems
}
