import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { GRAPH_MEASURES, figuresOf } from '#shared/domain/graph/figures.ts'
import { unpackGraph } from '#shared/domain/graph/packed.ts'
import { engineFor } from './engine-for.ts'
import { classifyAll, ended, importFiles, sampleLines, type TestEngine } from './support.ts'

const opened = engineFor('file')
beforeAll(async () => {
  const file = join(opened.folder, 'runs.jsonl')
  writeFileSync(
    file,
    [...sampleLines('grpo').slice(0, 40), ...sampleLines('base_8b').slice(0, 20)].join('\n'),
  )
  await importFiles(opened.client, [file])
  await classifyAll(opened.client)
})

const call: TestEngine['client']['call'] = (...args) => opened.client.call(...args)
const measured = async (force = false) => {
  const { result } = await ended(opened.client, await call('graphs.build', { force }))
  return (result as { traces: number }).traces
}
const label = (traceId: number, behaviour: 'backtracking' | 'backward_chaining' = 'backtracking') =>
  call('labels.add', { traceId, annotator: 'a', span: { start: 0, end: 1 }, behaviour })

describe('measures of graphs', () => {
  it('are made once, and again only where labels changed', async () => {
    expect(await measured()).toBe(60)
    expect(await measured()).toBe(0)
    await label(7)
    expect(await measured()).toBe(1)
    await call('history.undo', {})
    expect(await measured()).toBe(1)
    expect(await measured(true)).toBe(60)
  })

  it('are made again where the thresholds that behaviours are counted by have changed', async () => {
    await measured()
    const [model] = await call('models.predicted', {})
    const { model: id, version } = model!
    const count = async (thresholds: number[] | null) =>
      ended(opened.client, await call('models.thresholds', { model: id, version, thresholds }))
    await count([0.01, 0.01, 0.01, 0.01])
    expect(await measured()).toBe(60)
    expect(await measured()).toBe(0)
    await count(null)
    expect(await measured()).toBe(60)
  })

  it('are those of the graph that is shown', async () => {
    const rows = await call('traces.list', { limit: 60 })
    for (const { id, graph } of rows.slice(0, 12)) {
      const { measures } = await call('graphs.get', { traceId: id })
      expect(graph).toEqual(figuresOf(measures))
    }
  })

  it('are those of the graph as people edited it, and of the inferred one again after undo', async () => {
    const figures = async () => (await call('traces.list', { limit: 60 })).find(({ id }) => id === 9)!.graph!
    await measured()
    const before = await figures()
    const graph = unpackGraph((await call('graphs.get', { traceId: 9 })).graph)
    const { id, start, end } = graph.nodes.find(({ parent, fate }) => parent === 0 && fate !== 'abandoned')!
    const add = [{ kind: 'fate' as const, node: { id, start, end }, fate: 'abandoned' as const }]
    await call('graphs.edit', { traceId: 9, annotator: 'a', add })
    expect(await measured()).toBe(1)
    expect((await figures()).abandoned_share).toBeGreaterThan(before.abandoned_share!)
    await call('history.undo', {})
    expect(await measured()).toBe(1)
    expect(await figures()).toEqual(before)
    await call('history.redo', {})
    expect(await measured()).toBe(1)
    await call('history.undo', {})
    await measured()
  })

  it.each(GRAPH_MEASURES)('%s sorts and filters, and its distribution counts every trace', async (by) => {
    const all = await call('traces.list', { limit: 60, sort: { by, descending: true } })
    const values = all.map(({ graph }) => graph![by])
    const known = values.filter((value) => value !== null)
    expect(values).toEqual([...known.toSorted((a, b) => b - a), ...values.filter((value) => value === null)])
    const middle = known[known.length >> 1] ?? 0
    const filter = { graph: { [by]: { min: middle } } }
    expect(await call('traces.count', { filter })).toBe(known.filter((value) => value >= middle).length)
    const histogram = await call('traces.histogram', { column: by })
    if (histogram.kind !== 'numbers') throw new Error('numbers are expected')
    expect(histogram.bins.reduce((sum, { count }) => sum + count, histogram.missing)).toBe(60)
  })

  it('stop when cancelled and go on when resumed', async () => {
    const job = await call('graphs.build', { force: true })
    expect((await call('jobs.cancel', { id: job.id })).state).toBe('cancelled')
    await ended(opened.client, await call('jobs.resume', { id: job.id }))
    expect(await call('traces.count', { filter: { measured: false } })).toBe(0)
  })
})

describe('the graph of a trace', () => {
  it('heeds what people say', async () => {
    const { shown } = await call('graphs.get', { traceId: 3 })
    expect(shown[3]).toBe(0)
    await label(3, 'backward_chaining')
    expect((await call('graphs.get', { traceId: 3 })).shown[3]).toBe(1)
    await call('history.undo', {})
    expect((await call('graphs.get', { traceId: 3 })).shown[3]).toBe(0)
  })

  it('is refused for a trace that does not exist', async () => {
    await expect(call('graphs.get', { traceId: 999 })).rejects.toMatchObject({ code: 'not_found' })
  })

  it('keeps edits beside it, and undo takes them back', async () => {
    const before = await call('graphs.get', { traceId: 5 })
    const [, node] = unpackGraph(before.graph).nodes
    const ref = { id: node!.id, start: node!.start, end: node!.end }
    const add = [{ kind: 'fate' as const, node: ref, fate: 'abandoned' as const }]
    const edits = await call('graphs.edit', { traceId: 5, annotator: 'a', add })
    expect(edits).toMatchObject([{ traceId: 5, change: add[0], annotator: 'a' }])
    const after = await call('graphs.get', { traceId: 5 })
    expect(after.edits).toEqual(edits)
    expect(after.graph).toEqual(before.graph)
    expect(await call('history.undo', {})).toMatchObject({ title: 'mark a branch as dead' })
    expect((await call('graphs.get', { traceId: 5 })).edits).toEqual([])
    await call('history.redo', {})
    expect((await call('graphs.get', { traceId: 5 })).edits).toEqual(edits)
    expect(await call('graphs.edit', { traceId: 5, annotator: 'a', remove: [edits[0]!.id] })).toEqual([])
  })
})
