import { CairnError } from '#shared/errors.ts'

/** FTS5's parser gives up on deeper trees, and a query of very many prefixes takes seconds. */
const MAX_TERMS = 100
const MAX_DEPTH = 20

/**
 * A user's query as FTS5 syntax: words (all must occur), "phrases", prefix*, AND, OR, NOT and
 * parentheses; AND NOT is NOT. Everything else is text, so that no input is a syntax error inside SQLite. What holds
 * no letter or digit, and an operator that it leaves without a word, are left out.
 * @throws CairnError `bad_request` when nothing searchable is left, operators contradict each other, or the query is
 * too large to search for
 */
export function toFtsQuery(query: string): string {
  const out: string[] = []
  let depth = 0
  let operand = false
  let terms = 0
  const operator = (text: string) => {
    const last = out.at(-1)
    if (operand) out.push(text)
    else if (text === 'NOT' && last === 'AND') out[out.length - 1] = text
    else if (text === 'NOT') throw contradiction('NOT needs something before it: wait NOT check', text)
    else if (isOperator(last) && last !== text)
      throw contradiction(`There is nothing between ${last} and ${text}`, text)
    operand = false
  }
  /** There is nothing to search for where an operand was to come. */
  const withdraw = () => {
    if (isOperator(out.at(-1))) out.pop()
    operand = out.length > 0 && out.at(-1) !== '('
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
      if (depth === 0) continue
      depth--
      if (!operand) withdraw()
      if (operand) out.push(')')
      else {
        out.pop()
        withdraw()
      }
    } else if (word === 'AND' || word === 'OR' || word === 'NOT') operator(word)
    else {
      const text = phrase ?? word ?? ''
      const prefix = phrase === undefined && text.endsWith('*')
      const clean = text.replaceAll('\0', ' ').replace(/\*$/, '')
      if (/[\p{L}\p{N}\p{Co}]/u.test(clean)) term(`"${clean.replaceAll('"', '""')}"${prefix ? ' *' : ''}`)
      else if (!operand) withdraw()
    }
  }
  while (isOperator(out.at(-1)) || out.at(-1) === '(') if (out.pop() === '(') depth--
  out.push(...Array.from({ length: depth }, () => ')'))
  if (!out.some((part) => part.startsWith('"')))
    throw new CairnError(
      'bad_request',
      `The search "${query}" has no word to look for: give letters or digits.`,
    )
  return out.join(' ')
}

const isOperator = (part: string | undefined): part is 'AND' | 'OR' | 'NOT' =>
  part === 'AND' || part === 'OR' || part === 'NOT'

function contradiction(what: string, operator: string): CairnError {
  return new CairnError(
    'bad_request',
    `${what}. To look for the word itself, put it in quotes: "${operator}".`,
  )
}

function tooLarge(what: string): CairnError {
  return new CairnError('bad_request', `The search holds ${what}. Make it shorter.`)
}
