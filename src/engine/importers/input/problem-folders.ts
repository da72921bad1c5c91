import type { InputFile } from '../types.ts'
import type { Skipped } from './skip.ts'

/** Role in the record → file name in a problem folder of the thought-anchors release. */
const ROLES: readonly (readonly [role: string, file: string])[] = [
  ['base_solution', 'base_solution.json'],
  ['problem', 'problem.json'],
  ['chunks_labeled', 'chunks_labeled.json'],
]
const DERIVED = new Set(['summary.json', 'step_importance.json', 'chunks.json'])

/**
 * Joins the files of thought-anchors problem folders (those holding base_solution.json,
 * chunks_labeled.json and problem.json) into one input each; other files pass through in place.
 */
export function joinProblemFolders(files: readonly InputFile[], skipped: Skipped[]): InputFile[] {
  const folders = new Map<string, Map<string, InputFile>>()
  for (const file of files) {
    const [folder, base] = split(file.name)
    let members = folders.get(folder)
    if (!members) folders.set(folder, (members = new Map<string, InputFile>()))
    members.set(base, file)
  }
  const joined: InputFile[] = []
  const done = new Set<string>()
  for (const file of files) {
    const [folder, base] = split(file.name)
    const members = folders.get(folder)
    if (!members || !ROLES.every(([, name]) => members.has(name))) {
      joined.push(file)
      continue
    }
    if (!done.has(folder)) {
      done.add(folder)
      joined.push(problemFolder(folder, members))
    }
    if (ROLES.some(([, name]) => name === base)) continue
    if (DERIVED.has(base)) skipped.push({ name: file.name, reason: 'not trace data' })
    else joined.push(file)
  }
  return joined
}

function problemFolder(folder: string, members: ReadonlyMap<string, InputFile>): InputFile {
  const parts: Record<string, InputFile> = {}
  for (const [role, name] of ROLES) {
    const part = members.get(name)
    if (part) parts[role] = part
  }
  const all = Object.values(parts)
  return {
    name: folder,
    path: all[0]?.path ?? null,
    size: all.reduce((sum, part) => sum + part.size, 0),
    compression: 'none',
    container: 'thought_anchors',
    parts,
    async *open({ offset = 0, onRead } = {}) {
      let before = 0
      let left = offset
      for (const part of all) {
        for await (const chunk of part.open(onRead ? { onRead: (bytes) => onRead(before + bytes) } : {})) {
          if (left < chunk.length) yield left > 0 ? chunk.subarray(left) : chunk
          left = Math.max(0, left - chunk.length)
        }
        before += part.size
      }
    },
  }
}

function split(name: string): [folder: string, base: string] {
  const cut = Math.max(name.lastIndexOf('/'), name.lastIndexOf('!'))
  return [name.slice(0, Math.max(0, cut)), name.slice(cut + 1)]
}
