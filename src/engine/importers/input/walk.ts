import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { naturalOrder } from './natural.ts'
import { OWN_WORKSPACE, skipReason, WORKSPACE_FILE, type Skipped } from './skip.ts'
import { reasonOf } from './unreadable.ts'

interface Found {
  /** Path as shown: the directory as the user wrote it, then the way down, with forward slashes. */
  name: string
  /** Path to open. */
  path: string
}

/**
 * Every data file under a directory, depth first, in natural order (files and folders together). The directory is
 * called as the user wrote it. Symbolic links are followed; a folder reached twice is read once. A workspace below it is
 * passed over whole; where the directory is one itself, what people keep beside its files and models is read.
 */
export async function walk(root: string, called: string, skipped: Skipped[]): Promise<Found[]> {
  const found: Found[] = []
  const seen = new Set<string>()
  const visit = async (path: string, name: string, below: string): Promise<void> => {
    const real = await realpath(path)
    if (seen.has(real)) {
      skipped.push({ name, reason: 'a folder that was already read (symbolic link)' })
      return
    }
    seen.add(real)
    const entries = (await readdir(path)).sort(naturalOrder)
    const workspace = entries.includes(WORKSPACE_FILE)
    if (workspace && below !== '') {
      skipped.push({ name, reason: OWN_WORKSPACE })
      return
    }
    for (const entry of entries) {
      const entryName = `${name.replace(/\/+$/, '')}/${entry}`
      const entryBelow = below === '' ? entry : `${below}/${entry}`
      const reason = workspace && entry === 'models' ? OWN_WORKSPACE : skipReason(entryBelow)
      if (reason !== null) {
        skipped.push({ name: entryName, reason })
        continue
      }
      const entryPath = join(path, entry)
      try {
        const facts = await stat(entryPath)
        if (facts.isDirectory()) await visit(entryPath, entryName, entryBelow)
        else if (facts.isFile()) found.push({ name: entryName, path: entryPath })
        else skipped.push({ name: entryName, reason: 'not a regular file' })
      } catch (thrown) {
        skipped.push({ name: entryName, reason: `cannot be read: ${reasonOf(thrown)}` })
      }
    }
  }
  await visit(root, called, '')
  return found
}
