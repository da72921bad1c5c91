import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAnnotationStore } from '#engine/db/annotations.ts'
import { createClassificationStore } from '#engine/db/classification.ts'
import { openWorkspace, type Workspace } from '#engine/db/connection.ts'
import { createGraphStore, type MeasuredGraph } from '#engine/db/graphs.ts'
import { createTraceStore } from '#engine/db/traces.ts'
import { createGraphReading } from '#engine/services/graph-reading.ts'
import { classifyAll, importFiles, openEngine, sampleLines, temporaryFolder } from './support.ts'

let folder: string
let workspace: Workspace
beforeEach(async () => {
  folder = temporaryFolder()
  const path = join(folder, 'workspace')
  const opened = openEngine(path)
  writeFileSync(join(folder, 'runs.jsonl'), sampleLines('grpo').slice(0, 4).join('\n'))
  await importFiles(opened.client, [join(folder, 'runs.jsonl')])
  await classifyAll(opened.client)
  await opened.close()
  workspace = openWorkspace(path, { create: false })
})
afterEach(() => {
  workspace.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('measures of graphs that something overtakes between reading and storing', () => {
  it('are not current, and are made once more', async () => {
    const { db } = workspace
    const [store, annotations] = [createGraphStore(db), createAnnotationStore(db)]
    const classifications = createClassificationStore(db)
    const reading = createGraphReading(db, createTraceStore(db), annotations)
    const pending = () => reading['graphs.pending']({ filter: {}, force: false })
    const measure = async () =>
      (await reading['graphs.measure']({ ids: [...(await pending())], chars: 1e6 })) as MeasuredGraph[]
    const overtaken = async (change: () => void) => {
      const page = await measure()
      change()
      store.storeMeasures(page)
      const left = await pending()
      store.storeMeasures(await measure())
      expect(await pending()).toEqual([])
      db.prepare('UPDATE graphs SET stale = 1').run()
      return left
    }

    const by = { annotator: 'a', at: 'now', textHash: 'h' }
    const label = {
      ...{ ...by, traceId: 2, start: 0, end: 1, behaviour: 'backtracking' as const },
      ...{ verdict: 'present' as const, target: null, note: '' },
    }
    expect(await pending()).toEqual([1, 2, 3, 4])
    // The first time there is no row yet that a trigger could mark.
    expect(await overtaken(() => annotations.add(label))).toEqual([2])
    expect(await overtaken(() => annotations.remove(1))).toEqual([2])
    const fate = { kind: 'fate' as const, node: { id: 1, start: 0, end: 1 }, fate: 'abandoned' as const }
    expect(await overtaken(() => store.addEdit({ ...by, traceId: 3, change: fate }))).toEqual([3])
    const edit = store.editsOf(3)[0]!
    expect(await overtaken(() => store.removeEdit(edit.id))).toEqual([3])
    expect(await overtaken(() => classifications.setThresholds(1, [0, 0, 0, 0], true))).toEqual([1, 2, 3, 4])
    expect(await overtaken(() => undefined)).toEqual([])
  })
})
