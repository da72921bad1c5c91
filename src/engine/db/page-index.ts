import Database from 'better-sqlite3'
import type { Db } from './connection.ts'

export interface Snippet {
  text: string
  /** UTF-16 ranges of the text. */
  marks: [number, number][]
}

// Noncharacters, in pairs: Unicode keeps them for such internal use, so no text holds them by accident.
const OPEN = '\uFDD0\uFDD1'
const CLOSE = '\uFDD1\uFDD0'
const TOKENS = 24

/**
 * Longer texts are looked through in parts of so many characters: the work for a snippet grows with the
 * square of its hits, and a text of 10 MB may hold a hundred thousand.
 */
const PART = 50_000

/**
 * Finds the hits in some texts of a large full-text index. Asking the large index costs as much as all
 * its matches, once for each text where a prefix is involved; a small index made for these texts alone
 * costs what the texts do.
 */
export function createPageIndex(db: Db, { index, table, key, text }: IndexedTexts) {
  const page = new Database(':memory:')
  page.exec(`CREATE VIRTUAL TABLE page USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2')`)
  const read = db.prepare<[string], { id: number; text: string }>(
    `SELECT ${key} AS id, ${text} AS text FROM ${table} WHERE ${key} IN (SELECT value FROM json_each(?))`,
  )
  const add = page.prepare('INSERT INTO page (rowid, text) VALUES (?, ?)')
  const find = page.prepare<[string], { id: number; snippet: string }>(
    `SELECT rowid AS id, snippet(page, 0, '${OPEN}', '${CLOSE}', '…', ${TOKENS}) AS snippet
     FROM page WHERE page MATCH ? ORDER BY rank, rowid`,
  )
  // Numbers are bound as reals, which FTS5 takes for no bound at all.
  const matches = db.prepare<[string, number]>(
    `SELECT 1 FROM ${index} WHERE ${index} MATCH ? AND rowid = CAST(? AS INTEGER)`,
  )

  const findIn = (match: string, texts: readonly { id: number; text: string }[]) => {
    page.exec('BEGIN')
    try {
      for (const { id, text } of texts) add.run(id, text)
      return find.all(match)
    } finally {
      page.exec('ROLLBACK')
    }
  }
  /** In the first part that matches by itself; words that are far from each other are not marked. */
  const findInParts = (match: string, { id, text }: { id: number; text: string }) => {
    if (matches.get(match, id) === undefined) return []
    for (let at = 0; at < text.length; at += PART) {
      const found = findIn(match, [{ id, text: text.slice(at, at + PART) }])
      if (found.length > 0) return found
    }
    return [{ id, snippet: text.slice(0, 200) }]
  }

  /** Snippets of those of the texts that match, best first among themselves, long ones last. */
  return (match: string, ids: readonly number[]): Map<number, Snippet> => {
    const texts = read.all(JSON.stringify(ids))
    const long = texts.filter(({ text }) => text.length > PART)
    const found = [
      ...findIn(
        match,
        texts.filter(({ text }) => text.length <= PART),
      ),
      ...long.flatMap((one) => findInParts(match, one)),
    ]
    return new Map(found.map(({ id, snippet }) => [id, parseSnippet(snippet)]))
  }
}

export interface IndexedTexts {
  /** Name of the full-text index. */
  index: string
  /** The table it indexes, with its key and its text column. */
  table: string
  key: string
  text: string
}

function parseSnippet(snippet: string): Snippet {
  const marks: [number, number][] = []
  let text = ''
  for (const part of snippet.split(OPEN)) {
    const close = part.indexOf(CLOSE)
    if (close < 0) text += part
    else {
      marks.push([text.length, text.length + close])
      text += part.slice(0, close) + part.slice(close + CLOSE.length)
    }
  }
  return { text, marks }
}
