import { describe, expect, it } from 'vitest'
import { readCsv } from '#engine/importers/containers/csv.ts'
import { readJson } from '#engine/importers/containers/json.ts'
import { readText } from '#engine/importers/containers/text.ts'
import type { InputFile } from '#engine/importers/types.ts'
import { CairnError } from '#shared/errors.ts'
import { collect, memoryFile, values } from './support.ts'

/** A file of which a text can be read, and then no more. */
const broken = (text: string): InputFile => ({
  ...memoryFile(text),
  async *open({ offset = 0 } = {}) {
    await Promise.resolve()
    yield Buffer.from(text).subarray(offset)
    throw new CairnError('input_unreadable', 'It broke.')
  },
})

// An item more than there are whole ones would be a record less where reading goes on.
describe('a stream that breaks in the middle of a record gives those before it and no reject', () => {
  it.each([
    ['a text', readText, 'It is', []],
    ['a text of which nothing came', readText, '', []],
    [
      'columns',
      readJson,
      '{"prompts":["a","b","c"],"predictions":["x","y","z',
      [
        { prompts: 'a', predictions: 'x' },
        { prompts: 'b', predictions: 'y' },
      ],
    ],
    [
      'a column behind a whole cell',
      readJson,
      '{"prompts":["a","b"],"predictions":["x",',
      [{ prompts: 'a', predictions: 'x' }],
    ],
    [
      'a dictionary',
      readJson,
      '{"a":{"q":1},"b":{"q":2},"c":{"q',
      [
        { $key: 'a', q: 1 },
        { $key: 'b', q: 2 },
      ],
    ],
    [
      'a dictionary behind a whole record',
      readJson,
      '{"a":{"q":1},"b":{"q":2}',
      [
        { $key: 'a', q: 1 },
        { $key: 'b', q: 2 },
      ],
    ],
    ['a table', readCsv, 'q,r\na,b\nc,d', [{ q: 'a', r: 'b' }]],
    ['a table with a field missing', readCsv, 'q,r\na,b\nc', [{ q: 'a', r: 'b' }]],
    [
      'a table behind a whole row',
      readCsv,
      'q,r\na,b\nc,d\n',
      [
        { q: 'a', r: 'b' },
        { q: 'c', r: 'd' },
      ],
    ],
  ])('%s', async (_, read, text, records) => {
    const all = await collect(read(broken(text)))
    expect(values(all)).toEqual(records)
    expect(all.rejects).toEqual([])
    expect(all.error).toMatchObject({ code: 'input_unreadable' })
  })
})
