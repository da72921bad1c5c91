import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { RecentWorkspace } from '../preload/bridge.ts'

/** Name of the database in a workspace, as the engine has it; main does not load the engine for it. */
const DATABASE = 'cairn.db'

/** What can be told of a workspace without opening it. */
export function describeWorkspace(folder: string, open: boolean): RecentWorkspace {
  const files = ['', '-wal'].flatMap((suffix) => {
    try {
      return [statSync(join(folder, DATABASE + suffix))]
    } catch {
      // Not there; or nobody can tell, as of a share that is gone: the others are to be told of all the same.
      return []
    }
  })
  const changed = Math.max(0, ...files.map(({ mtimeMs }) => mtimeMs))
  return {
    folder,
    exists: files.length > 0,
    open,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    changedAt: changed === 0 ? null : new Date(changed).toISOString(),
  }
}
