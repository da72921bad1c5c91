import Database from 'better-sqlite3'
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CairnError } from '#shared/errors.ts'
import { MIGRATIONS, SCHEMA_VERSION } from './migrations/index.ts'

export type Db = Database.Database

export const DATABASE_FILE = 'cairn.db'
const LOCK_FILE = 'cairn.lock'
const HOLDER_FILE = 'cairn.lock.holder'
/** "Carn" in the file's header tells a Cairn database from any other SQLite file. */
const APPLICATION_ID = 0x4361726e

export interface Workspace {
  readonly path: string
  readonly db: Db
  close(): void
}

/**
 * Opens the workspace in a folder: takes its lock, checks it, brings it to this version's schema.
 * With `create`, a missing or empty folder becomes a new workspace.
 * @throws CairnError `workspace_missing`, `workspace_locked`, `workspace_readonly`,
 *   `workspace_newer`, `workspace_damaged`, `disk_full`; whichever it is, the folder is as it was
 */
export function openWorkspace(path: string, options: { create: boolean }): Workspace {
  const file = join(path, DATABASE_FILE)
  if (!existsSync(file)) {
    if (!options.create)
      throw new CairnError(
        'workspace_missing',
        `There is no workspace in ${path}. Import into it to make one.`,
        { path },
      )
    makeFolder(path)
  }
  requireWritable(path, file)
  const lock = takeLock(path)
  try {
    const db = openDatabase(path, file)
    return {
      path,
      db,
      close() {
        db.close()
        lock.close()
      },
    }
  } catch (error) {
    lock.close()
    throw error
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (cause) {
    throw new CairnError(
      'workspace_readonly',
      `The workspace folder ${path} cannot be made: ${(cause as Error).message}`,
      { path },
      { cause },
    )
  }
}

function requireWritable(path: string, file: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    if (existsSync(file)) accessSync(file, constants.R_OK | constants.W_OK)
  } catch (cause) {
    throw readonlyError(path, cause)
  }
}

function readonlyError(path: string, cause: unknown): CairnError {
  return new CairnError(
    'workspace_readonly',
    `The workspace ${path} is read-only for you. Copy the folder to a place you can write to and open the copy.`,
    { path },
    { cause },
  )
}

/**
 * One process at a time works on a workspace. The lock is an exclusive transaction on a file of its
 * own: the system drops it with the process, however that ends.
 */
function takeLock(path: string): { close(): void } {
  let lock: Db | undefined
  try {
    lock = new Database(join(path, LOCK_FILE), { timeout: 0 })
    lock.pragma('locking_mode = EXCLUSIVE')
    lock.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    lock?.close()
    if (sqliteCode(cause).startsWith('SQLITE_BUSY')) {
      const holder = readHolder(path)
      throw new CairnError(
        'workspace_locked',
        `Another Cairn process${holder} works on ${path}. Close it first, or open another workspace.`,
        { path },
      )
    }
    if (sqliteCode(cause).startsWith('SQLITE_READONLY') || sqliteCode(cause) === 'SQLITE_CANTOPEN')
      throw readonlyError(path, cause)
    throw typedDbError(cause, path)
  }
  try {
    writeFileSync(join(path, HOLDER_FILE), String(process.pid))
  } catch {
    // A courtesy to those that find the workspace locked.
  }
  return lock
}

function readHolder(path: string): string {
  try {
    const holder = readFileSync(join(path, HOLDER_FILE), 'utf8').trim()
    return holder === '' ? '' : ` (process ${holder})`
  } catch {
    return ''
  }
}

function openDatabase(path: string, file: string): Db {
  let db: Db | undefined
  try {
    db = new Database(file)
    db.pragma('busy_timeout = 5000')
    const version = db.pragma('user_version', { simple: true }) as number
    const application = db.pragma('application_id', { simple: true }) as number
    if (version > SCHEMA_VERSION)
      throw new CairnError(
        'workspace_newer',
        `The workspace ${path} was written by a newer Cairn (schema ${version}; this one knows ${SCHEMA_VERSION}). Update Cairn to open it. Nothing was changed.`,
        { path, version },
      )
    if (version > 0 && application !== APPLICATION_ID)
      throw new CairnError('workspace_damaged', `${file} is an SQLite database, but not one of Cairn's.`, {
        path,
      })
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = NORMAL')
    db.pragma('cache_size = -16384')
    db.pragma('wal_autocheckpoint = 8000')
    db.pragma('temp_store = MEMORY')
    db.pragma('foreign_keys = ON')
    migrate(db, version)
    touchEveryTable(db)
    return db
  } catch (cause) {
    db?.close()
    if (cause instanceof CairnError) throw cause
    const code = sqliteCode(cause)
    if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB' || code === 'SQLITE_ERROR')
      throw new CairnError(
        'workspace_damaged',
        `The database of the workspace ${path} is damaged (${(cause as Error).message}). It was left as it is: keep a copy, then restore a backup or import the sources anew.`,
        { path },
        { cause },
      )
    throw typedDbError(cause, path)
  }
}

/** Reads the root of each table and index, which finds torn files before work is built on them. */
function touchEveryTable(db: Db): void {
  const tables = db
    .prepare<[], { name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0`)
    .all()
  for (const { name } of tables) db.prepare(`SELECT * FROM "${name}" LIMIT 1`).get()
}

function migrate(db: Db, from: number): void {
  for (let version = from; version < SCHEMA_VERSION; version++) {
    db.transaction(() => {
      db.exec(MIGRATIONS[version]!)
      db.pragma(`application_id = ${APPLICATION_ID}`)
      db.pragma(`user_version = ${version + 1}`)
    })()
  }
}

/** SQLite's extended result code of a thrown value, or an empty string. */
export function sqliteCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
}

function diskFull(path: string, cause: unknown): CairnError {
  return new CairnError(
    'disk_full',
    `The disk that holds ${path} is full. What was saved is kept; free some space and try again.`,
    { path },
    { cause },
  )
}

/** Database errors a user can act on, typed; others unchanged. */
export function typedDbError(thrown: unknown, path: string): unknown {
  const code = sqliteCode(thrown)
  if (code.startsWith('SQLITE_FULL') || code === 'SQLITE_IOERR_WRITE') return diskFull(path, thrown)
  if (code.startsWith('SQLITE_READONLY')) return readonlyError(path, thrown)
  if (code.startsWith('SQLITE_CORRUPT'))
    return new CairnError(
      'workspace_damaged',
      `The database of ${path} is damaged (${(thrown as Error).message}). Run "cairn doctor --workspace ${path}".`,
      { path },
      { cause: thrown },
    )
  return thrown
}
