import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GraphFormat } from '#shared/domain/graph/formats/index.ts'
import { CairnError } from '#shared/errors.ts'
import { print } from '../terminal.ts'

interface GraphDocument {
  readonly name: string
  readonly text: string
}

/** Longest part of a trace's name that a file is called by. */
const LONGEST = 80

/**
 * Puts documents into a folder, a file each; without a folder one alone is printed at the end.
 * @throws CairnError `bad_request` on a second document without a folder
 */
export function graphDocuments(format: GraphFormat, folder: string | undefined) {
  let only: GraphDocument | null = null
  const taken = new Map<string, number>()
  if (folder !== undefined) mkdirSync(folder, { recursive: true })
  return {
    add(document: GraphDocument): void {
      if (folder !== undefined)
        return writeFileSync(join(folder, fileName(document.name, format, taken)), document.text)
      if (only !== null)
        throw new CairnError(
          'bad_request',
          'There is more than one trace. Give --out FOLDER, and each graph becomes a file there. Nothing was written.',
        )
      only = document
    },
    finish(): void {
      if (only !== null) print(only.text.trimEnd())
    },
  }
}

/**
 * A name that every file system takes, with a number where another trace is called the same. `taken` has the names
 * in lower case, each with the last number that was put behind it.
 */
function fileName(name: string, format: GraphFormat, taken: Map<string, number>): string {
  const plain =
    name
      .replace(/[^\w.-]+/g, '_')
      .slice(0, LONGEST)
      .replace(/^\.+/, '') || 'trace'
  let number = taken.get(plain.toLowerCase()) ?? 0
  let free = plain
  // A trace may be called by itself as another is with its number: a, a, a-2.
  while (taken.has(free.toLowerCase())) free = `${plain}-${++number}`
  taken.set(free.toLowerCase(), 1)
  taken.set(plain.toLowerCase(), Math.max(1, number))
  return `${free}.${format}`
}
