import { fork } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DATABASE_FILE, openWorkspace } from '#engine/db/connection.ts'
import { MIGRATIONS, SCHEMA_VERSION } from '#engine/db/migrations/index.ts'
import { CairnError } from '#shared/errors.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-test-'))
})
afterEach(() => {
  chmodSync(folder, 0o755)
  rmSync(folder, { recursive: true, force: true })
})

const file = () => join(folder, DATABASE_FILE)

function failure(work: () => unknown): CairnError {
  try {
    work()
  } catch (error) {
    if (error instanceof CairnError) return error
    throw error
  }
  throw new Error('it did not fail')
}

describe('openWorkspace', () => {
  it('makes a workspace in WAL mode at the current schema, and opens it again', () => {
    openWorkspace(folder, { create: true }).close()
    const { db, close } = openWorkspace(folder, { create: false })
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1)
    expect(db.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION)
    close()
  })

  it('refuses a missing workspace without making anything', () => {
    const missing = join(folder, 'none')
    expect(failure(() => openWorkspace(missing, { create: false })).code).toBe('workspace_missing')
    expect(failure(() => openWorkspace(missing, { create: false })).message).toContain(missing)
  })

  it('refuses a newer workspace and leaves every byte', () => {
    openWorkspace(folder, { create: true }).close()
    const newer = new Database(file())
    newer.pragma(`user_version = ${SCHEMA_VERSION + 7}`)
    newer.pragma('wal_checkpoint(TRUNCATE)')
    newer.close()
    const before = readFileSync(file())
    const error = failure(() => openWorkspace(folder, { create: true }))
    expect(error.code).toBe('workspace_newer')
    expect(error.message).toMatch(/newer Cairn/)
    expect(readFileSync(file()).equals(before)).toBe(true)
  })

  it.each([
    [
      'text',
      () => writeFileSync(file(), 'this is no database, it only has the name of one, and it is long enough'),
    ],
    ['a torn file', () => truncateSync(file(), 5000)],
    ['an overwritten page', () => writeFileSync(file(), readFileSync(file()).fill(0x5a, 4096, 12288))],
  ])('calls %s damaged and leaves it', (_, harm) => {
    openWorkspace(folder, { create: true }).close()
    harm()
    const before = readFileSync(file())
    const error = failure(() => openWorkspace(folder, { create: false }))
    expect(error.code).toBe('workspace_damaged')
    expect(readFileSync(file()).equals(before)).toBe(true)
  })

  it("refuses another program's SQLite database", () => {
    const other = new Database(file())
    other.exec('CREATE TABLE recipes (id INTEGER); PRAGMA user_version = 1;')
    other.close()
    expect(failure(() => openWorkspace(folder, { create: false })).code).toBe('workspace_damaged')
  })

  it('is held by one process at a time, and is free again when that one is killed', async () => {
    const holder = join(folder, 'holder.mjs')
    const connection = join(import.meta.dirname, '../../../src/engine/db/connection.ts')
    writeFileSync(
      holder,
      `import { openWorkspace } from ${JSON.stringify(connection)}
       openWorkspace(${JSON.stringify(folder)}, { create: true })
       process.send('held')
       setInterval(() => {}, 1000)`,
    )
    const child = fork(holder)
    await once(child, 'message')
    const error = failure(() => openWorkspace(folder, { create: true }))
    expect(error.code).toBe('workspace_locked')
    expect(error.message).toContain(String(child.pid))
    child.kill('SIGKILL')
    await once(child, 'exit')
    openWorkspace(folder, { create: false }).close()
  })

  it.skipIf(process.getuid?.() === 0 ? !process.setuid : false)(
    'says when the folder is read-only',
    async () => {
      openWorkspace(folder, { create: true }).close()
      chmodSync(folder, 0o555)
      chmodSync(file(), 0o444)
      if (process.getuid?.() !== 0) {
        expect(failure(() => openWorkspace(folder, { create: false })).code).toBe('workspace_readonly')
        return
      }
      // Root may write anywhere, so an ordinary user has to try.
      const connection = join(import.meta.dirname, '../../../src/engine/db/connection.ts')
      const probe = join(tmpdir(), `cairn-readonly-${process.pid}.mjs`)
      writeFileSync(
        probe,
        `import { openWorkspace } from ${JSON.stringify(connection)}
       process.setgid(65534); process.setuid(65534)
       try { openWorkspace(${JSON.stringify(folder)}, { create: false }); process.send('opened') }
       catch (error) { process.send(error.code ?? String(error)) }`,
      )
      const child = fork(probe)
      const [answer] = (await once(child, 'message')) as [string]
      child.disconnect()
      rmSync(probe)
      expect(answer).toBe('workspace_readonly')
    },
  )
})

describe('migrations', () => {
  it.each(MIGRATIONS.map((_, version) => version))(
    'bring a database of version %i to the current one',
    (version) => {
      const old = new Database(file())
      for (const sql of MIGRATIONS.slice(0, version)) old.exec(sql)
      old.pragma(`user_version = ${version}`)
      if (version > 0) old.pragma(`application_id = ${0x4361726e}`)
      old.close()
      const { db, close } = openWorkspace(folder, { create: true })
      expect(db.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION)
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
      const strict = db
        .prepare<[], { name: string }>(
          `SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main' AND strict = 0 AND name NOT LIKE '%fts%' AND name NOT LIKE 'sqlite%'`,
        )
        .all()
      expect(strict).toEqual([])
      close()
    },
  )

  it('that fails leaves the database as it was', () => {
    const old = new Database(file())
    old.exec('CREATE TABLE runs (in_the_way INTEGER)')
    old.close()
    expect(() => openWorkspace(folder, { create: true })).toThrow(/damaged/)
    const again = new Database(file())
    expect(again.pragma('user_version', { simple: true })).toBe(0)
    expect(again.prepare(`SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table'`).get()).toEqual({
      n: 1,
    })
    again.close()
  })
})
