import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openWorkspace, type Workspace } from '#engine/db/connection.ts'
import { createSearch } from '#engine/db/search.ts'
import { createTraceStore } from '#engine/db/traces.ts'
import { createVectorStore } from '#engine/db/vectors.ts'
import { createSelections } from '#engine/services/selection.ts'
import { createSimilarReading } from '#engine/services/similar-reading.ts'
import { SEGMENTER_VERSION } from '#shared/domain/segment/index.ts'
import { temporaryFolder } from '../engine/support.ts'

/** Traces of two steps: one that all have, nearest to what is looked for, and one of their own. */
const TRACES = 300
/** Times that a trace by itself says the same again. */
const AGAIN = 20_500
const COMMON = 'Wait.'
const query = Int8Array.of(127, 0)

let folder: string
let workspace: Workspace
let find: (
  limit: number,
  ids?: number[],
) => ReturnType<ReturnType<typeof createSimilarReading>['similar.search']>

beforeAll(() => {
  folder = temporaryFolder()
  workspace = openWorkspace(folder, { create: true })
  const { db } = workspace
  const store = createVectorStore(db)
  db.exec(`
    PRAGMA foreign_keys = OFF;
    INSERT INTO runs VALUES (1, 'a');
    INSERT INTO prompts (id, hash, text) VALUES (1, x'00', 'why?');
    INSERT INTO traces (id, identity, run_id, prompt_id, source_id, row, text_hash, length, verified)
      SELECT value, CAST(value AS BLOB), 1, 1, 1, value, x'00', 10, 1
      FROM json_each('${JSON.stringify(Array.from({ length: TRACES + 1 }, (_, at) => at + 1))}');
    INSERT INTO texts (trace_id, metadata, response)
      SELECT id, '{}', CASE WHEN id <= ${TRACES} THEN '${COMMON} It is ' || id ELSE replace(hex(zeroblob(${AGAIN})), '00', '${COMMON}') END
      FROM traces`)
  for (let traceId = 1; traceId <= TRACES; traceId++) {
    const bounds = Uint32Array.of(0, COMMON.length, COMMON.length, `${COMMON} It is ${traceId}`.length)
    const directions = Int8Array.of(127, 1, 100, 80)
    store.store(1, SEGMENTER_VERSION, 2, [{ traceId, bounds, directions }])
  }
  const bounds = new Uint32Array(AGAIN * 2).map((_, at) => Math.ceil(at / 2) * COMMON.length)
  const directions = new Int8Array(AGAIN * 2).map((_, at) => (at % 2 === 0 ? 127 : 1))
  store.store(1, SEGMENTER_VERSION, 2, [{ traceId: TRACES + 1, bounds, directions }])
  const reading = createSimilarReading(db, createSelections(createTraceStore(db), createSearch(db)))
  find = (limit, ids) =>
    reading['similar.search']({
      modelId: 1,
      query,
      filter: ids === undefined ? {} : { ids },
      without: null,
      limit,
    })
})
afterAll(() => {
  workspace.close()
  rmSync(folder, { recursive: true, force: true })
})
const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1)
const words = ({ steps }: Awaited<ReturnType<typeof find>>) =>
  steps.map(({ text, same }) => [text.trim(), same])

it('a sentence that is everywhere is counted, and what is less like is found beside it', async () => {
  const found = await find(4, upTo(TRACES))
  expect(words(found)).toEqual([[COMMON, TRACES], ...[1, 2, 3].map((id) => [`It is ${id}`, 1])])
  expect(found).toMatchObject({ compared: TRACES * 2, atLeast: false })
})

it('all that there is may be the same', async () => {
  expect(words(await find(4, [1]))).toEqual([
    [COMMON, 1],
    ['It is 1', 1],
  ])
  expect(await find(4, [1])).toMatchObject({ atLeast: false })
})

it('a count that was broken off says so', async () => {
  const found = await find(4)
  expect(words(found)).toEqual([[COMMON, 20_000]])
  expect(found).toMatchObject({ compared: TRACES * 2 + AGAIN, atLeast: true })
})

it("an answer without the file's word has Cairn's", async () => {
  expect((await find(1, [1])).steps[0]).toMatchObject({ traceId: 1, step: 0, correct: true })
})
