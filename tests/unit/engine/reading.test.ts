import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ordersOf } from '#engine/services/order.ts'
import type { TraceRow } from '#shared/contract/traces.ts'
import { importFiles, openEngine, temporaryFolder, type TestEngine } from './support.ts'

describe('the orders of a column', () => {
  it('are those of a stable sort with nulls last', () => {
    const value = fc.option(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })))
    fc.assert(
      fc.property(fc.array(value), (values) => {
        // SQLite keeps one zero only.
        const column = values.map((one) => (one === 0 ? 0 : one))
        const ids = Uint32Array.from(column, (_, index) => index * 3 + 1)
        const sorted = (sign: 1 | -1) =>
          [...column.keys()]
            .sort((a, b) => {
              const [x, y] = [column[a]!, column[b]!]
              if (x === null || y === null) return Number(x === null) - Number(y === null)
              return x === y ? 0 : x < y ? -sign : sign
            })
            .map((index) => ids[index])
        const { ascending, descending } = ordersOf(ids, column)
        expect([...ascending]).toEqual(sorted(1))
        expect([...descending]).toEqual(sorted(-1))
      }),
    )
  })
})

describe('a workspace that is read from threads', () => {
  const LONG = 260_000
  let folder: string
  let opened: TestEngine
  let rows: TraceRow[]
  beforeAll(async () => {
    folder = temporaryFolder()
    opened = openEngine(join(folder, 'workspace'))
    const lines = Array.from({ length: 300 }, (_, index) =>
      JSON.stringify({
        id: `t${index}`,
        run: `run ${index % 7}`,
        prompt: index % 5 === 0 ? 'a pentagon' : 'a square',
        response: `${index === 7 ? 'filler '.repeat(LONG / 7) : ''}wait ${'so '.repeat(index % 11)} number ${index}`,
        correct: index % 3 === 0 ? null : index % 3 === 1,
        reward: index % 4 === 0 ? null : (index * 7) % 13,
      }),
    )
    const file = join(folder, 'traces.jsonl')
    writeFileSync(file, lines.join('\n'))
    await importFiles(opened.client, [file])
    rows = await opened.client.call('traces.list', { limit: 1000 })
  })
  afterAll(async () => {
    await opened.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const call = () => opened.client.call

  it('is sorted by every column, whether few traces are selected or all', async () => {
    for (const by of ['run', 'correct', 'reward', 'length', 'backtracking'] as const)
      for (const descending of [true, false])
        for (const filter of [{ runs: ['run 2', 'run 5'] }, {}, { search: 'pentagon' }]) {
          const list = await call()('traces.list', { filter, sort: { by, descending }, limit: 1000 })
          const valueOf = (row: TraceRow) => (by === 'backtracking' ? null : row[by])
          const known = list.map(valueOf).filter((value) => value !== null)
          const steps = known
            .slice(1)
            .map((value, index) => (value < known[index]! ? -1 : value > known[index]! ? 1 : 0))
          expect(steps).not.toContain(descending ? 1 : -1)
          expect(list.slice(known.length).every((row) => valueOf(row) === null)).toBe(true)
          expect(await call()('traces.count', { filter })).toBe(list.length)
        }
    expect(rows).toHaveLength(300)
  })

  it('finds by prompt and by response at once, and with other filters', async () => {
    const ids = async (filter: object) =>
      (await call()('traces.list', { filter, limit: 1000 })).map(({ id }) => id)
    expect(await ids({ search: 'pentagon' })).toEqual(
      rows.filter(({ prompt }) => prompt === 'a pentagon').map(({ id }) => id),
    )
    expect(await ids({ search: 'pentagon', correct: true })).toEqual(
      rows.filter(({ prompt, correct }) => prompt === 'a pentagon' && correct === true).map(({ id }) => id),
    )
  })

  it('marks the hits of a page, in long texts too', async () => {
    const ids = rows.slice(0, 20).map(({ id }) => id)
    for (const query of ['wait', 'numb*', '"number 7"']) {
      const hits = await call()('traces.search', { query, filter: { ids }, limit: 200 })
      expect(hits.map(({ id }) => id).sort((a, b) => a - b)).toEqual(
        query === '"number 7"' ? [rows[7]!.id] : ids,
      )
      expect(hits.find(({ id }) => id === rows[7]!.id)!.snippet).toContain('number')
      for (const { snippet, marks } of hits)
        for (const [start, end] of marks) expect(snippet.slice(start, end)).toMatch(/^(wait|number( 7)?)$/)
      expect(hits.every(({ marks }) => marks.length > 0)).toBe(true)
    }
  })

  it('shows a label in the selection that is read right after it', async () => {
    const filter = { labelled: true }
    expect(await call()('traces.count', { filter })).toBe(0)
    const label = { span: { start: 0, end: 4 }, behaviour: 'backtracking', annotator: 'me' } as const
    const { id } = await call()('labels.add', { traceId: rows[3]!.id, ...label })
    expect((await call()('traces.list', { filter })).map((row) => [row.id, row.annotations])).toEqual([
      [rows[3]!.id, 1],
    ])
    await call()('labels.remove', { id })
    expect(await call()('traces.list', { filter })).toEqual([])
  })

  it('counts labels of the four behaviours apart from those of its own', async () => {
    const counts = async () => {
      const { annotations, ownLabels } = await call()('workspace.info', {})
      return [annotations, ownLabels]
    }
    const place = { traceId: rows[4]!.id, span: { start: 0, end: 4 }, annotator: 'me' }
    const { id: behaviour } = await call()('own.create', { name: 'Doubt' })
    await call()('own.label', { ...place, behaviour, verdict: 'present' })
    expect(await counts()).toEqual([0, 1])
    const { id } = await call()('labels.add', { ...place, behaviour: 'backtracking' })
    expect(await counts()).toEqual([1, 1])
    await call()('own.remove', { behaviour, annotator: 'me' })
    expect(await counts()).toEqual([1, 0])
    await call()('labels.remove', { id })
  })

  it('answers a label while a search goes on', async () => {
    const order: string[] = []
    const first = opened.client
      .call('traces.search', { query: 'wait OR so*' })
      .then(() => order.push('search'))
    const second = opened.client
      .call('labels.list', { traceId: rows[0]!.id })
      .then(() => order.push('labels'))
    await Promise.all([first, second])
    expect(order).toEqual(['labels', 'search'])
  })
})
