import { CairnError } from '#shared/errors.ts'

/** FTS5's parser gives up on deeper trees, and a query of very many prefixes takes seconds. */
const MAX_TERMS = 100
const MAX_DEPTH = 20

/**
 * A user's query as FTS5 syntax: words (all must occur), "phrases", prefix*, AND, OR, NOT and
 * parentheses. Everything else is text, so that no input is a syntax error inside SQLite.
 * @throws CairnError `bad_request` when nothing searchable is left, or the query is too large to search for
 */
export function toFtsQuery(query: string): string {
  const out: string[] = []
  let depth = 0
  let operand = false
  let terms = 0
  const operator = (text: string) => {
    if (operand) {
      out.push(text)
      operand = false
    }
  }
  const term = (text: string) => {
    if (operand) out.push('AND')
    out.push(text)
    operand = true
    if (++terms > MAX_TERMS) throw tooLarge(`more than ${MAX_TERMS} words and phrases`)
  }
  for (const [, phrase, bracket, word] of query.matchAll(/"([^"]*)"?|([()])|([^\s()"]+)/g)) {
    if (bracket === '(') {
      if (operand) out.push('AND')
      out.push('(')
      operand = false
      if (++depth > MAX_DEPTH) throw tooLarge(`brackets nested deeper than ${MAX_DEPTH}`)
    } else if (bracket === ')') {
      if (depth === 0 || !operand) continue
      out.push(')')
      depth--
    } else if (word === 'AND' || word === 'OR' || word === 'NOT') operator(word)
    else {
      const text = phrase ?? word ?? ''
      const prefix = phrase === undefined && text.endsWith('*')
      const clean = text.replaceAll('\0', ' ').replace(/\*$/, '')
      if (/[\p{L}\p{N}\p{Co}]/u.test(clean)) term(`"${clean.replaceAll('"', '""')}"${prefix ? ' *' : ''}`)
    }
  }
  while (out.length > 0 && /^(AND|OR|NOT|\()$/.test(out.at(-1)!)) if (out.pop() === '(') depth--
  out.push(...Array.from({ length: depth }, () => ')'))
  if (!out.some((part) => part.startsWith('"')))
    throw new CairnError(
      'bad_request',
      `The search "${query}" has no word to look for: give letters or digits.`,
    )
  return out.join(' ')
}

function tooLarge(what: string): CairnError {
  return new CairnError('bad_request', `The search holds ${what}. Make it shorter.`)
}
