import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { CairnError } from '#shared/errors.ts'
import { engineFor } from './engine-for.ts'
import { importFiles, sampleLines } from './support.ts'

let responses: string[]
let prompts: string[]

const opened = engineFor('file')
beforeAll(async () => {
  const odd = [
    { id: 'cjk', prompt: '請解題', raw_generation: '我們 檢查 一下 答案', correct: true },
    { id: 'accents', prompt: 'café', raw_generation: 'Déjà vu: naïve résumé, ZÜRICH', correct: true },
    { id: 'marks', prompt: 'x', raw_generation: 'private \uE000open\uE001 marks \uE000 wait', correct: true },
  ]
  const file = join(opened.folder, 'traces.jsonl')
  const lines = [...sampleLines('dpo').slice(0, 200), ...odd.map((row) => JSON.stringify(row))]
  writeFileSync(file, lines.join('\n'))
  await importFiles(opened.client, [file], {
    mapping: { shape: 'fields', fields: { key: 'id', prompt: 'prompt', response: 'raw_generation' } },
  })
  const rows = lines.map((line) => JSON.parse(line) as { prompt: string; raw_generation: string })
  responses = rows.map((row) => row.raw_generation)
  prompts = rows.map((row) => row.prompt)
})

/** Words as the index sees them, near enough for ASCII text. */
const words = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}\p{Co}]+/gu) ?? []

/** Ids (1-based) of the traces whose prompt or whose response passes. */
const idsWhere = (test: (text: string) => boolean): number[] =>
  responses.flatMap((response, index) => (test(response) || test(prompts[index]!) ? [index + 1] : []))

const search = async (query: string): Promise<number[]> => {
  const hits = await opened.client.call('traces.search', { query, limit: 1000 })
  return [...new Set(hits.map(({ id }) => id))].sort((a, b) => a - b)
}

const refused = async (query: string): Promise<boolean> => {
  try {
    await opened.client.call('traces.search', { query, limit: 5 })
    await opened.client.call('traces.count', { filter: { search: query } })
    return false
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(CairnError)
    const { code, message } = thrown as CairnError
    expect(code, `${JSON.stringify(query)}: ${message}`).toBe('bad_request')
    expect(message).not.toMatch(/fts5|sqlite|syntax error/i)
    return true
  }
}

describe('no query is an error inside SQLite', () => {
  it('whatever the text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }), async (query) => {
        await refused(query)
      }),
      { numRuns: 400 },
    )
  })

  it('whatever is made of operators, quotes, brackets and column names', async () => {
    const piece = fc.constantFrom(
      ...['AND', 'OR', 'NOT', 'NEAR', '(', ')', '"', '*', '^', '+', '-', ':', '{', '}', ',', '\0', "'", ';'],
      ...[
        'wait',
        'check',
        'response:',
        'NEAR(a b, 2)',
        '"a b"',
        'a*',
        '""',
        '"*"',
        '\ud800',
        '/*',
        '--',
        'é',
        '1',
      ],
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { minLength: 1, maxLength: 25 }),
        fc.constantFrom('', ' '),
        async (parts, by) => {
          await refused(parts.join(by))
        },
      ),
      { numRuns: 600 },
    )
  })

  it.each([
    ['deep brackets', `${'('.repeat(990)}wait${')'.repeat(990)}`],
    ['open brackets only', `${'('.repeat(1900)}wait`],
    ['many NOTs', 'wait' + ' NOT x'.repeat(330)],
    ['many ORs', 'wait' + ' OR x'.repeat(390)],
    ['many ANDs', 'w '.repeat(990)],
    ['mixed operators', 'a AND b OR c NOT d '.repeat(100)],
    ['nested alternation', '(a OR (b AND '.repeat(140) + 'c'],
    ['many prefixes', 'a* '.repeat(600)],
    ['one long word', 'x'.repeat(2000)],
    ['one long phrase', `"${'a '.repeat(990)}"`],
  ])('%s', async (_, query) => {
    await refused(query)
  })

  it.each(['', ' ', '""', '*', '()', 'AND', 'NOT', '!!!', '"…"'])(
    'nothing to look for: %j',
    async (query) => {
      if (query !== '') expect(await refused(query)).toBe(true)
      else
        await expect(opened.client.call('traces.search', { query })).rejects.toMatchObject({
          code: 'bad_request',
        })
    },
  )
})

describe('a search finds what it should', () => {
  it.each(['wait', 'Check', 'numbers', '24'])('the word %s', async (word) => {
    const expected = idsWhere((text) => words(text).includes(word.toLowerCase()))
    expect(expected.length).toBeGreaterThan(0)
    expect(await search(word)).toEqual(expected)
  })

  it('any word of the traces', async () => {
    const all = [...new Set(responses.flatMap(words))].filter((word) => /^[a-z0-9]+$/.test(word))
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...all), async (word) => {
        expect(await search(`"${word}"`)).toEqual(idsWhere((text) => words(text).includes(word)))
      }),
      { numRuns: 60 },
    )
  })

  it('phrases, prefixes and operators', async () => {
    const has = (word: string) => (text: string) => words(text).includes(word)
    const phrase = (text: string) => ` ${words(text).join(' ')} `.includes(' let me ')
    expect(await search('"let me"')).toEqual(idsWhere(phrase))
    expect(await search('mult*')).toEqual(
      idsWhere((text) => words(text).some((word) => word.startsWith('mult'))),
    )
    expect(await search('wait NOT hmm')).toEqual(idsWhere((text) => has('wait')(text) && !has('hmm')(text)))
    expect(await search('naive OR ZURICH')).toEqual([202])
    expect(await search('(檢查 OR resume) NOT check')).toEqual([201, 202])
  })

  it('marks lie on the words, and are valid offsets of the snippet', async () => {
    for (const hit of await opened.client.call('traces.search', { query: 'wait', limit: 50 })) {
      expect(hit.marks.length).toBeGreaterThan(0)
      for (const [start, end] of hit.marks) expect(hit.snippet.slice(start, end).toLowerCase()).toBe('wait')
    }
  })

  it('marks stay right where the text itself holds private-use characters', async () => {
    const hits = await opened.client.call('traces.search', { query: 'private wait', limit: 5 })
    const { snippet, marks } = hits.find(({ id }) => id === 203)!
    expect(snippet).toBe(responses[202])
    expect(marks.map(([start, end]) => snippet.slice(start, end))).toEqual(['private', 'wait'])
  })

  it('the first rows are those of the whole, whether they or the whole were asked for first', async () => {
    const queries = [
      'the',
      'wait',
      'try*',
      '"let me"',
      'numbers',
      'wait OR the',
      'the NOT wait',
      'café',
      'zzz',
    ]
    for (const query of queries)
      for (const rest of [{}, { length: { max: 1500 } }, { labelled: true }]) {
        // Spaces make it another search, of which nothing is remembered yet.
        const unseen = { search: ` ${query}${' '.repeat(Object.keys(rest).length)}`, ...rest }
        const counted = { search: query, ...rest }
        for (const [offset, limit] of [
          [0, 20],
          [7, 100],
        ] as const) {
          const first = await opened.client.call('traces.list', { filter: unseen, offset, limit })
          const total = await opened.client.call('traces.count', { filter: counted })
          const whole = await opened.client.call('traces.ids', { filter: counted, limit: 1000 })
          expect(whole).toHaveLength(total)
          expect(first.map(({ id }) => id)).toEqual([...whole.slice(offset, offset + limit)])
        }
      }
  })
})
