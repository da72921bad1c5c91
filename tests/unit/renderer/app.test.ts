import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { latestJob } from '#renderer/app/latest-job.ts'
import { findCommands, fitness } from '#renderer/app/palette.ts'
import { formatRoute, parseRoute } from '#renderer/app/route.ts'
import { commonFolder } from '#renderer/features/library/common-folder.ts'
import { jobText, jobTitle } from '#renderer/features/library/job-text.ts'
import { filterTexts, ownNameIn } from '#renderer/features/traces/filter-summary.ts'
import { formatSelection, parseSelection, SORT_COLUMNS } from '#renderer/features/traces/selection-url.ts'
import { toPieces } from '#renderer/features/traces/snippet.ts'
import { bytes, mean, plain, share } from '#renderer/ui/format.ts'
import { keyLabels, keyName } from '#renderer/ui/keys.ts'
import { placeSheet } from '#renderer/ui/place.ts'
import { layoutStrip } from '#renderer/viz/strip-layout.ts'
import type { Job } from '#shared/contract/jobs.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'

const range = fc
  .tuple(fc.option(fc.integer({ min: 0, max: 9999 })), fc.option(fc.integer({ min: 0, max: 9999 })))
  .filter(([min, max]) => min !== null || max !== null)
  .map(([min, max]) => ({ ...(min === null ? {} : { min }), ...(max === null ? {} : { max }) }))
const words = fc
  .string({ minLength: 1, unit: 'grapheme' })
  .filter((text) => text.trim() !== '' && text.isWellFormed())

describe('addresses', () => {
  it('bring back the filter and the sort that they were made from', () => {
    const filter = fc.record(
      {
        search: words,
        runs: fc.array(words, { minLength: 1, maxLength: 3 }),
        sources: fc.array(fc.integer({ min: 1, max: 999 }), { minLength: 1, maxLength: 3 }),
        checkpoint: range,
        reward: range,
        length: range,
        correct: fc.option(fc.boolean()),
        labelled: fc.boolean(),
        behaviours: fc
          .uniqueArray(
            fc.tuple(
              fc.constantFrom(...BEHAVIOURS),
              fc.constantFrom('steps' as const, 'episodes' as const),
              range,
            ),
            { minLength: 1, maxLength: 4, selector: ([behaviour]) => behaviour },
          )
          .map((list) =>
            list
              .map(([behaviour, unit, given]) => ({ behaviour, unit, ...given }))
              .sort((a, b) => BEHAVIOURS.indexOf(a.behaviour) - BEHAVIOURS.indexOf(b.behaviour)),
          ),
        own: fc.array(
          fc
            .tuple(
              fc.integer({ min: 1, max: 999 }),
              fc.constantFrom('steps' as const, 'episodes' as const),
              range,
            )
            .map(([behaviour, unit, given]) => ({ behaviour, unit, ...given })),
          { minLength: 1, maxLength: 3 },
        ),
      },
      { requiredKeys: [] },
    )
    const sort = fc.record({
      by: fc.constantFrom(...SORT_COLUMNS, 'own_12' as const),
      descending: fc.boolean(),
    })
    fc.assert(
      fc.property(filter, sort, (wanted, order) => {
        expect(parseSelection(formatSelection({ filter: wanted, sort: order }))).toEqual({
          filter: wanted,
          sort: order,
        })
      }),
    )
  })

  it('take anything without failing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const route = parseRoute(`#/${text}`)
        parseSelection(route.query)
        expect(parseRoute(formatRoute(route))).toEqual(route)
      }),
    )
    expect(parseRoute('#/trace/12?correct=yes')).toEqual({ view: 'trace', id: 12, query: 'correct=yes' })
    expect(parseRoute('#/trace/x').view).toBe('library')
  })
})

describe('words', () => {
  it('name a filter', () => {
    const { filter } = parseSelection('run=grpo&correct=no&backtracking=steps:2..&length=10..99')
    expect(filterTexts(filter).map(({ text }) => text)).toEqual([
      'grpo',
      'wrong',
      'backtracking ≥ 2',
      'length 10 – 99',
    ])
    const own = parseSelection('verification=steps:1..&own=3:episodes:2..&own=9:steps:..4').filter
    expect(filterTexts(own, undefined, ownNameIn([{ id: 3, name: 'unit check' }]))).toEqual([
      { key: 'behaviours', text: 'verification ≥ 1, unit check ≥ 2 episodes, a removed behaviour ≤ 4' },
    ])
  })

  it('show hits in a row, line breaks as spaces, what leads up to them cut', () => {
    expect(toPieces('so\nwait a bit', [[3, 7]])).toEqual([
      { text: 'so ', hit: false },
      { text: 'wait', hit: true },
      { text: ' a bit', hit: false },
    ])
    const [dots, lead] = toPieces(`${'one two three '.repeat(6)}wait`, [[84, 88]])
    expect(dots!.text).toBe('…')
    expect(lead!.text.length).toBeLessThan(24)
  })

  it('show numbers as they are, and dashes for what is not known', () => {
    expect([mean(12.34), mean(1234.5), mean(null)]).toEqual(['12.3', '1,235', '–'])
    expect([share(0.5), plain(1000), plain(0.125), bytes(1500), bytes(999)]).toEqual([
      '50.0%',
      '1,000',
      '0.125',
      '1.5 kB',
      '999 B',
    ])
  })

  it('tell of a job', () => {
    const job = {
      id: 1,
      kind: 'import',
      state: 'done',
      input: { paths: ['/data/a.jsonl', '/data/b.jsonl'] },
      progress: { done: 2, total: 2, unit: 'bytes', traces: 3, note: '' },
      result: { imported: 3, duplicates: 0, rejected: 1 },
      error: null,
      createdAt: '',
      updatedAt: '',
    } as const
    expect(jobTitle(job)).toBe('Import of a.jsonl and 1 more done')
    expect(jobText(job)).toBe('3 imported · 1 rejected')
    expect(jobText({ ...job, result: { traces: 1, steps: 1 } })).toBe('1 trace · 1 step')
    expect(jobText({ ...job, result: { traces: 1200, steps: 0 } })).toBe('1,200 traces')
    expect(jobText({ ...job, state: 'running' })).toBe('2 B of 2 B · 3 traces')
    const reading = { done: 0, total: null, unit: 'traces', traces: 0, note: 'a model' } as const
    expect(jobText({ ...job, state: 'running', progress: reading })).toBe('a model')
    expect(jobText({ ...job, state: 'running', progress: { ...reading, done: 7, total: 9 } })).toBe(
      '7 of 9 traces · a model',
    )
  })

  it('find the newest job of a kind, and none before it once that is dismissed', () => {
    const failed = (id: number, model: string) => ({ id, kind: 'adapt', state: 'failed', input: { model } })
    const jobs = [failed(3, 'one'), failed(2, 'other'), failed(1, 'one')] as unknown as readonly Job[]
    const latest = (followed: number[], model?: string) =>
      latestJob(jobs, new Set(followed), 'adapt', model)?.id ?? null
    expect([latest([1, 2, 3], 'one'), latest([1, 2, 3], 'other'), latest([1, 2, 3])]).toEqual([3, 2, 3])
    expect([latest([1, 2], 'one'), latest([1, 2])]).toEqual([null, null])
    expect(latestJob(jobs, new Set([3]), 'judge')).toBeNull()
  })

  it('leave out the folder that paths share', () => {
    expect(commonFolder(['/a/b/c.json', '/a/b/d/e.json'])).toBe('/a/b/')
    expect(commonFolder(['C:\\x\\a', 'C:\\y\\a'])).toBe('C:\\')
    expect(commonFolder(['a', 'b'])).toBe('')
    expect(commonFolder([])).toBe('')
  })
})

describe('keys', () => {
  const press = (key: string, held: Partial<KeyboardEvent> = {}) =>
    keyName({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held })

  it('have one name each', () => {
    expect(press('j')).toBe('j')
    expect(press('J', { shiftKey: true })).toBe('J')
    expect(press('?', { shiftKey: true })).toBe('?')
    expect(press('K', { metaKey: true })).toBe('mod+k')
    expect(press('Z', { ctrlKey: true, shiftKey: true })).toBe('mod+shift+z')
    expect(press('ArrowDown', { shiftKey: true })).toBe('shift+ArrowDown')
  })

  it('are printed as on a keyboard', () => {
    expect(keyLabels('g l')).toEqual(['G', 'L'])
    expect(keyLabels('J')).toEqual(['Shift', 'J'])
    expect(keyLabels('+')).toEqual(['+'])
    expect(keyLabels('Escape')).toEqual(['Esc'])
  })
})

describe('palette', () => {
  const command = (title: string) => ({ id: title, title, group: 'Look' as const, run: () => undefined })

  it('finds by letters in order, words first', () => {
    const found = findCommands([command('Dark theme'), command('Write a note'), command('Next trace')], 'nt')
    expect(found.map(({ title }) => title)).toEqual(['Next trace', 'Write a note'])
    expect(fitness('zz', 'Dark theme')).toBeNull()
  })

  it('keeps the order of the commands while nothing is typed', () => {
    expect(findCommands([command('b'), command('a')], '').map(({ title }) => title)).toEqual(['b', 'a'])
  })
})

describe('floating sheets', () => {
  const view = { width: 1000, height: 600 }
  it('go below, or above where there is no room, and stay in the window', () => {
    const anchor = { left: 900, top: 10, width: 80, height: 30 }
    expect(placeSheet(anchor, { width: 300, height: 200 }, view)).toEqual({ left: 692, top: 46 })
    expect(placeSheet({ ...anchor, top: 550 }, { width: 50, height: 200 }, view).top).toBe(344)
  })
})

describe('strip', () => {
  it('gives each step its share of the columns', () => {
    const bounds = Uint32Array.from([0, 25, 25, 50, 50, 100])
    const layout = layoutStrip(bounds, 100, 2, 4, (step, row) =>
      row === 0 ? (step === 0 ? 'model' : null) : step === 2 ? 'person' : null,
    )
    expect([...layout.model]).toEqual([1, 0, 0, 0, 0, 0, 0, 0])
    expect([...layout.person]).toEqual([0, 0, 0, 0, 0, 0, 1, 1])
  })

  it('shows many short steps by density', () => {
    const bounds = Uint32Array.from(Array.from({ length: 200 }, (_, at) => at))
    const layout = layoutStrip(bounds, 200, 1, 2, (step) => (step % 2 === 0 ? 'model' : null))
    expect(layout.model[0]).toBeCloseTo(0.25)
  })
})
