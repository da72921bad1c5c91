import Database from 'better-sqlite3'
import { join } from 'node:path'
import { DATABASE_FILE, type Db } from './connection.ts'

/**
 * A connection that only reads, beside the one that writes. Each statement sees what was committed
 * before it began.
 */
export function openForReading(workspace: string): Db {
  const db = new Database(join(workspace, DATABASE_FILE), { readonly: true })
  db.pragma('cache_size = -16384')
  db.pragma('temp_store = MEMORY')
  return db
}
