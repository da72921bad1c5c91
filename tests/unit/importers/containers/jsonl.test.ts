import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readJsonl } from '#engine/importers/containers/jsonl.ts'
import { RAW_LIMIT } from '#engine/importers/types.ts'
import { CairnError } from '#shared/errors.ts'
import { SHARED_DATA, hasSharedData } from '#tests/unit/shared-data.ts'
import { collect, memoryFile, realFile, values } from './support.ts'

const jsonObject = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue())
const chunking = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 })

describe('readJsonl', () => {
  it('gives back any objects with the offsets of their bytes, however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(jsonObject),
        chunking,
        fc.constantFrom('\n', '\r\n', '\n\n'),
        async (objects, sizes, eol) => {
          const source = Buffer.from(objects.map((object) => JSON.stringify(object) + eol).join(''))
          const { records, rejects } = await collect(readJsonl(memoryFile(source, sizes)))
          expect(rejects).toEqual([])
          expect(records.map((record) => record.value)).toEqual(
            objects.map((object) => JSON.parse(JSON.stringify(object)) as unknown),
          )
          for (const { at, raw, value } of records) {
            const bytes = source.subarray(at.offset ?? 0, (at.offset ?? 0) + (raw?.length ?? 0))
            expect(JSON.parse(bytes.toString())).toEqual(value)
            expect(at.line).toBe(source.subarray(0, at.offset ?? 0).filter((byte) => byte === 10).length + 1)
          }
        },
      ),
    )
  })

  it('goes on at any record as if it had begun there', async () => {
    const source = '\n{"a":1}\n\n{"a":2}\nbroken\n{"a":3}'
    const whole = await collect(readJsonl(memoryFile(source)))
    for (const [index, { at }] of whole.records.entries()) {
      const rest = await collect(readJsonl(memoryFile(source, [3]), { start: at }))
      expect(rest.records.map((record) => [record.value, record.at])).toEqual(
        whole.records.slice(index).map((record) => [record.value, record.at]),
      )
    }
  })

  it('gives every row for blank lines, CRLF, a byte order mark and non-objects', async () => {
    const { records } = await collect(readJsonl(memoryFile('\ufeff{"a":1}\r\n \r\n[2]\r\n"x"\r\n7\r\nnull')))
    expect(records.map(({ value, at }) => [value, at.line, at.row, at.offset])).toEqual([
      [{ a: 1 }, 1, 0, 3],
      [[2], 3, 1, 15],
      ['x', 4, 2, 20],
      [7, 5, 3, 25],
      [null, 6, 4, 28],
    ])
  })

  it.each([
    ['utf16le', [0xff, 0xfe]],
    ['utf16be', [0xfe, 0xff]],
  ])('reads %s with the offsets of the file', async (encoding, mark) => {
    const rows = [{ a: 'Zürich 😀' }, { b: '思考' }, { c: 1 }]
    const lines = rows.map((row) => JSON.stringify(row) + '\n')
    const body = Buffer.from(lines.join(''), 'utf16le')
    if (encoding === 'utf16be') body.swap16()
    const source = Buffer.concat([Buffer.from(mark), body])
    for (const sizes of [[], [1], [3], [7, 2]]) {
      const { records, rejects } = await collect(readJsonl(memoryFile(source, sizes)))
      expect(rejects).toEqual([])
      expect(records.map((record) => record.value)).toEqual(rows)
      const offsets = lines.map((_, index) => 2 + 2 * lines.slice(0, index).join('').length)
      expect(records.map((record) => record.at.offset)).toEqual(offsets)
      const again = await collect(readJsonl(memoryFile(source, sizes), { start: records[1]!.at }))
      expect(again.records.map((record) => [record.value, record.at])).toEqual(
        records.slice(1).map((record) => [record.value, record.at]),
      )
    }
  })

  it('refuses UTF-16 text with half a surrogate pair, and only that line', async () => {
    const source = Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from('{"a":"x"}\n{"a":"\ud83d"}\n{"a":"y"}\n', 'utf16le'),
    ])
    const { records, rejects } = await collect(readJsonl(memoryFile(source)))
    expect(records.map((record) => record.at.offset)).toEqual([2, 42])
    expect(rejects.map((reject) => [reject.code, reject.at.line])).toEqual([['invalid_encoding', 2]])
  })

  it('takes the tokens Python writes for numbers JSON does not know, outside strings only', async () => {
    const line = '{"a":NaN,"b":[-Infinity,Infinity],"c":"NaN and \\"Infinity","d":"\\\\"}'
    const { records } = await collect(readJsonl(memoryFile(line)))
    expect(values({ records, documents: [], rejects: [], error: null })).toEqual([
      { a: 'NaN', b: ['-Infinity', 'Infinity'], c: 'NaN and "Infinity', d: '\\' },
    ])
  })

  it('keeps lone surrogate escapes and __proto__ keys', async () => {
    const { records } = await collect(readJsonl(memoryFile('{"a":"\\ud800x","__proto__":{"b":1}}')))
    expect(Object.entries(records[0]!.value as object)).toEqual([
      ['a', '\ud800x'],
      ['__proto__', { b: 1 }],
    ])
  })

  it('rejects a bad line with its place and goes on', async () => {
    const { records, rejects } = await collect(readJsonl(memoryFile('{"a":1}\n{"a": oops}\n{"a":3}\n')))
    expect(values({ records, documents: [], rejects, error: null })).toEqual([{ a: 1 }, { a: 3 }])
    expect(records[1]!.at).toEqual({ line: 3, row: 2, offset: 20 })
    expect(rejects).toEqual([
      expect.objectContaining({ code: 'invalid_json', at: { line: 2, row: 1, offset: 8 }, traces: 1 }),
    ])
    expect(Buffer.from(rejects[0]!.raw).toString()).toBe('{"a": oops}')
  })

  it('names one place only for what is wrong in a line', async () => {
    const { rejects } = await collect(readJsonl(memoryFile('{"a":1}\n{"a":1 "b":2}\n')))
    expect(rejects[0]!.message).toMatch(/at position 7 of the record/)
    expect(rejects[0]!.message).not.toMatch(/line/)
  })

  it('tells a torn last line from a wrong one', async () => {
    const torn = await collect(readJsonl(memoryFile('{"a":1}\n{"a":"cut of')))
    expect(torn.rejects.map((reject) => reject.code)).toEqual(['torn_record'])
    const wrong = await collect(readJsonl(memoryFile('{"a":1}\nnot json')))
    expect(wrong.rejects.map((reject) => reject.code)).toEqual(['invalid_json'])
    const whole = await collect(readJsonl(memoryFile('{"a":1}\n{"a":2}')))
    expect(whole.records).toHaveLength(2)
  })

  it('rejects lines in Latin-1 and says how to mend the file', async () => {
    const source = Buffer.concat([Buffer.from('{"a":"Z\xfcrich"}\n', 'latin1'), Buffer.from('{"a":"ok"}\n')])
    const { records, rejects } = await collect(readJsonl(memoryFile(source)))
    expect(records).toHaveLength(1)
    expect(rejects[0]).toMatchObject({ code: 'invalid_encoding' })
    expect(rejects[0]!.message).toMatch(/0xfc at byte 7 .*Latin-1.*iconv/)
  })

  it('rejects nesting deeper than 256 without overflowing', async () => {
    const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
    const { records, rejects } = await collect(
      readJsonl(memoryFile(`${deep(256)}\n${deep(257)}\n${deep(200_000)}\n{"a":1}\n`)),
    )
    expect(records).toHaveLength(2)
    expect(rejects.map((reject) => [reject.code, reject.at.line])).toEqual([
      ['too_deep', 2],
      ['too_deep', 3],
    ])
  })

  it('streams past a line over the limit and holds only its head', async () => {
    const long = `{"a":"${'x'.repeat(3 * RAW_LIMIT)}"}`
    const source = `{"a":1}\n${long}\n{"a":3}\n${long}`
    for (const sizes of [[], [1000], [RAW_LIMIT / 2]]) {
      const { records, rejects } = await collect(
        readJsonl(memoryFile(source, sizes), { recordLimit: 2 * RAW_LIMIT }),
      )
      expect(records.map((record) => [record.value, record.at.line, record.at.row])).toEqual([
        [{ a: 1 }, 1, 0],
        [{ a: 3 }, 3, 2],
      ])
      expect(rejects.map((reject) => [reject.code, reject.at.line, reject.at.offset])).toEqual([
        ['record_too_large', 2, 8],
        ['record_too_large', 4, 8 + long.length + 9],
      ])
      for (const { raw } of rejects)
        expect(Buffer.from(raw).equals(Buffer.from(long.slice(0, RAW_LIMIT)))).toBe(true)
    }
  })

  it('reads nothing from an empty file, and duplicates twice', async () => {
    expect(await collect(readJsonl(memoryFile('')))).toMatchObject({ records: [], rejects: [], error: null })
    expect((await collect(readJsonl(memoryFile('{"a":1}\n{"a":1}\n')))).records).toHaveLength(2)
  })

  it('delivers the whole lines before a break of the stream, then throws; half a line is none', async () => {
    const broken = (text: string) => ({
      ...memoryFile(''),
      async *open() {
        yield Buffer.from(text)
        throw new CairnError('input_unreadable', 'broken')
      },
    })
    const { records, rejects, error } = await collect(readJsonl(broken('{"a":1}\n{"a":2}\n{"a"')))
    expect(records).toHaveLength(2)
    expect(rejects).toEqual([])
    expect(error).toMatchObject({ code: 'input_unreadable' })
    const unended = await collect(readJsonl(broken('{"a":1}\n{"a":2}')))
    expect(unended.records.map(({ value }) => value)).toEqual([{ a: 1 }, { a: 2 }])
  })

  describe.skipIf(!hasSharedData)('real files', () => {
    it.each([
      'traces/countdown-runs/grpo/eval_samples.jsonl',
      'traces/countdown-runs/sft_train_2k.jsonl',
      'traces/reasoning-gym/qwen2.5-3b-rlft_gsm8k.jsonl',
      'traces/math500/math500_deepseek_r1.jsonl',
      'formats/verl/75.jsonl',
      'formats/lm-eval/samples_math_perturbed_full_2026-01-21T03-44-18.458309.jsonl',
      'step-labels/multistep_arithmetic.jsonl',
      'labels/train.jsonl',
    ])('%s', async (path) => {
      const lines = readFileSync(join(SHARED_DATA, path), 'utf8')
        .split('\n')
        .filter((line) => line.trim() !== '')
      const { records, rejects } = await collect(readJsonl(realFile(path)))
      expect(rejects).toEqual([])
      expect(records.length).toBe(lines.length)
      expect(records.map((record) => record.value)).toEqual(lines.map((line) => JSON.parse(line) as unknown))
    })
  })
})
