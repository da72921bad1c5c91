import Database from 'better-sqlite3'

/** Version of the SQLite library in use. */
export function sqliteVersion(): string {
  const db = new Database(':memory:')
  try {
    return db.prepare<[], { version: string }>('SELECT sqlite_version() AS version').get()!.version
  } finally {
    db.close()
  }
}
