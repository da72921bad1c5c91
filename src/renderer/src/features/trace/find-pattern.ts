/** `plain`: the text as it is typed; `regex`: a pattern; `words`: a query of the full-text search. */
export interface FindQuery {
  readonly text: string
  readonly kind: 'plain' | 'regex' | 'words'
  readonly matchCase: boolean
}

/** Hits as `[start0, end0, …]`, UTF-16, ascending, without overlap. */
export interface FindHits {
  readonly hits: Uint32Array<ArrayBuffer>
  /** Whether the search stopped at its limit. */
  readonly more: boolean
}

const WORD = String.raw`[\p{L}\p{N}]`
/** Marks that the index takes for a part of the letter before them, and leaves out. */
const MARK = String.raw`[\u0300-\u0304\u0306-\u030c\u030f\u0311\u031b\u0323-\u0328\u032d\u032e\u0330\u0331]`

/**
 * The pattern of a query; null when nothing is asked for. White space stands for any white space, as
 * a sentence may go on in the next line. One of the kind `words` is for a text without marks, see `foldMarks`.
 * @throws SyntaxError when a regular expression cannot be read
 */
export function compileFind({ text, kind, matchCase }: FindQuery): RegExp | null {
  const flags = `gm${matchCase ? '' : 'i'}`
  if (kind === 'regex') return text === '' ? null : compileRegex(text, flags)
  const source = kind === 'words' ? wordsSource(text) : escapeText(text).replace(/\s+/g, String.raw`\s+`)
  return source === '' ? null : new RegExp(source, `${flags}u`)
}

/**
 * Puts Latin letters in the place of those with marks, as the full-text index does: "o" for "ö". The text stays as long
 * as it is, unit by unit.
 */
export function foldMarks(text: string): string {
  return text.replace(/[\u00c0-\u024f\u1e00-\u1eff]/g, (letter) => {
    const base = letter.normalize('NFD').replace(/\p{M}/gu, '')
    return /^[a-z]$/i.test(base) ? base : letter
  })
}

/** All hits of a pattern with the flag `g`, at most `limit`; empty ones are left out. */
export function findAll(text: string, pattern: RegExp, limit: number): FindHits {
  const found: number[] = []
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match[0] === '') pattern.lastIndex += step(text, pattern.lastIndex)
    else found.push(match.index, match.index + match[0].length)
    if (found.length >= limit * 2) return { hits: Uint32Array.from(found), more: true }
  }
  return { hits: Uint32Array.from(found), more: false }
}

function compileRegex(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, `${flags}u`)
  } catch {
    // What Unicode patterns forbid, such as `\-`, is common in patterns written elsewhere.
    return new RegExp(source, flags)
  }
}

/**
 * Any of the words and phrases that a full-text query asks for. Words after NOT are not looked for;
 * within a word everything but letters and digits is a separator, as the index has it.
 */
function wordsSource(query: string): string {
  const parts: string[] = []
  let negated = false
  for (const [, phrase, word = ''] of query.matchAll(/"([^"]*)"?|([^\s()"]+)/g)) {
    if (word === 'AND' || word === 'OR' || word === 'NOT') {
      negated = word === 'NOT'
      continue
    }
    const text = foldMarks(phrase ?? word).replace(new RegExp(`(?<=${WORD}${MARK}*)${MARK}`, 'gu'), '')
    const tokens = text.match(new RegExp(`${WORD}+`, 'gu'))
    if (tokens !== null && !negated) {
      const prefix = phrase === undefined && text.endsWith('*')
      const marked = tokens.map((token) => [...token].map((letter) => `${letter}${MARK}*`).join(''))
      const body = marked.join(String.raw`[^\p{L}\p{N}]+`)
      parts.push(`(?<!${WORD}${MARK}*)${body}${prefix ? '' : `(?!${MARK}*${WORD})`}`)
    }
    negated = false
  }
  return parts.join('|')
}

const escapeText = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)

const step = (text: string, at: number): number => ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)
