import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openWorkspace, type Workspace } from '#engine/db/connection.ts'
import { createVectorStore, type VectorStore } from '#engine/db/vectors.ts'
import { createVectorIndex } from '#engine/services/vector-index.ts'
import { temporaryFolder } from '../engine/support.ts'

let folder: string
let workspace: Workspace
let store: VectorStore
beforeEach(() => {
  folder = temporaryFolder()
  workspace = openWorkspace(folder, { create: true })
  workspace.db.exec('PRAGMA foreign_keys = OFF')
  store = createVectorStore(workspace.db)
})
afterEach(() => {
  workspace.close()
  rmSync(folder, { recursive: true, force: true })
})

const put = (modelId: number, ...traces: number[]) =>
  store.store(
    modelId,
    1,
    2,
    traces.map((traceId) => ({
      traceId,
      bounds: Uint32Array.of(0, 1, 1, 2),
      directions: Int8Array.of(traceId, 0, 0, traceId),
    })),
  )

/** An index, and how far the rows of the database were gone through each time. */
function watched() {
  const read: [after: number, last: number][] = []
  const rows = vi.fn((...given: Parameters<VectorStore['rows']>) => {
    if (given[2] < given[3]) read.push([given[2], given[3]])
    return store.rows(...given)
  })
  return { index: createVectorIndex({ ...store, rows }, 1), read }
}
const tracesOf = (found: ReturnType<ReturnType<typeof createVectorIndex>['of']>) => [
  ...found!.traceOf.subarray(0, found!.shelf.rows),
]

it('goes through what is new of its model only, whatever others have made since', () => {
  const { index, read } = watched()
  put(1, 1, 2)
  put(2, 1, 2, 3)
  expect(tracesOf(index.of(1))).toEqual([1, 1, 2, 2])
  expect(read).toEqual([[0, 2]])
  put(2, 4, 5)
  expect(tracesOf(index.of(1))).toEqual([1, 1, 2, 2])
  expect(read).toEqual([[0, 2]])
  put(1, 3)
  expect(tracesOf(index.of(1))).toEqual([1, 1, 2, 2, 3, 3])
  expect(read).toEqual([
    [0, 2],
    [2, 8],
  ])
})

it('reads all again when rows were taken away, also where as many came', () => {
  const { index, read } = watched()
  put(1, 1, 2, 3)
  index.of(1)
  put(1, 2)
  expect(tracesOf(index.of(1))).toEqual([1, 1, 3, 3, 2, 2])
  workspace.db.exec('DELETE FROM step_vectors WHERE trace_id = 1')
  expect(tracesOf(index.of(1))).toEqual([3, 3, 2, 2])
  expect(read.at(-1)).toEqual([0, 4])
  workspace.db.exec('DELETE FROM step_vectors')
  expect(index.of(1)).toBeNull()
})

it('rows end with the last one that is asked for', () => {
  put(1, 1, 2)
  put(2, 1)
  put(1, 3)
  const ids = (after: number, last: number) => [...store.rows(1, 1, after, last)].map(({ id }) => id)
  expect(ids(0, 2)).toEqual([1, 2])
  expect(ids(1, 4)).toEqual([2, 4])
  expect(store.extent(1, 1)).toEqual({ count: 3, last: 4 })
  expect(store.extent(3, 1)).toEqual({ count: 0, last: 0 })
})

it('what there is to read is told by the index alone', () => {
  const spy = vi.spyOn(workspace.db, 'prepare')
  createVectorStore(workspace.db)
  const sql = spy.mock.calls.map(([text]) => text).find((text) => text.includes('max(id)'))!
  spy.mockRestore()
  const plan = workspace.db.prepare<null[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(null, null)
  expect(plan.map(({ detail }) => detail)).toEqual([
    expect.stringContaining('USING COVERING INDEX step_vectors_by_model'),
  ])
})
