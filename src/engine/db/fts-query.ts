import { CairnError } from '#shared/errors.ts'

/**
 * A user's query as FTS5 syntax: words (all must occur), "phrases", prefix*, AND, OR, NOT and
 * parentheses. Everything else is text, so that no input is a syntax error inside SQLite.
 * @throws CairnError `bad_request` when nothing searchable is left
 */
export function toFtsQuery(query: string): string {
  const out: string[] = []
  let depth = 0
  let operand = false
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
  }
  for (const [, phrase, bracket, word] of query.matchAll(/"([^"]*)"?|([()])|([^\s()"]+)/g)) {
    if (bracket === '(') {
      if (operand) out.push('AND')
      out.push('(')
      operand = false
      depth++
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
