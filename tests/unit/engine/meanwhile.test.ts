import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAnnotationStore } from '#engine/db/annotations.ts'
import { createClassificationStore } from '#engine/db/classification.ts'
import { openWorkspace, type Workspace } from '#engine/db/connection.ts'
import { createJobStore } from '#engine/db/jobs.ts'
import { createOwnSums } from '#engine/db/own-sums.ts'
import { createOwnStore } from '#engine/db/own.ts'
import { createTraceStore } from '#engine/db/traces.ts'
import type { InferenceHost, LoadedModel } from '#engine/inference/host.ts'
import { findModel, type ModelFolders } from '#engine/inference/models.ts'
import { installPaths } from '#engine/install-paths.ts'
import { createAdapt } from '#engine/services/adapt.ts'
import { createClassify } from '#engine/services/classify.ts'
import type { History } from '#engine/services/history.ts'
import { createJobs } from '#engine/services/jobs.ts'
import type { Looks } from '#engine/services/looks.ts'
import { createModels } from '#engine/services/models.ts'
import { createOwn } from '#engine/services/own.ts'
import type { Job } from '#shared/contract/jobs.ts'
import type { OwnHead } from '#shared/contract/own.ts'
import type { LearningTrace } from '#shared/domain/adapt/fit.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { segment, SEGMENTER_VERSION } from '#shared/domain/segment/index.ts'
import { encodeBounds } from '#shared/domain/step-codec.ts'
import { importFiles, openEngine, temporaryFolder } from './support.ts'

/** So long that each is a batch of its own. */
const ROWS = [1, 2, 3].map((at) => ({ prompt: 'Why?', response: `It ${'is '.repeat(7000)}so ${at}.` }))
const IDS = ROWS.map((_, at) => at + 1)
const HEAD: OwnHead = {
  ...{ version: 1, model: 'm', modelVersion: '1', file: 'f', sha256: '', threshold: 0.4, chosen: null },
  ...{ traces: 1, steps: 1, examples: 20, precision: 1, recall: 1, f1: 1, chance: 0, seconds: 0 },
  ...{ warning: '', at: '' },
}

const clock = { now: () => '2026-01-01T00:00:00.000Z' }
const emit = () => undefined
const place = () => ({ device: 'cpu', threads: null, precision: 'auto', batch: null }) as const
const models: ModelFolders = [installPaths().modelsDir]

let folder: string
let workspace: Workspace
let jobs: ReturnType<typeof createJobs>
beforeEach(async () => {
  folder = temporaryFolder()
  const path = join(folder, 'workspace')
  const file = join(folder, 'rows.jsonl')
  writeFileSync(file, ROWS.map((row) => JSON.stringify(row)).join('\n'))
  const engine = openEngine(path)
  await importFiles(engine.client, [file])
  await engine.close()
  workspace = openWorkspace(path, { create: false })
  jobs = createJobs({ store: createJobStore(workspace.db), emit, clock })
})
afterEach(async () => {
  await jobs.close()
  workspace.close()
  rmSync(folder, { recursive: true, force: true })
})

const done = async ({ id }: Job) => {
  const { state, error, result } = await jobs.handlers['jobs.wait']({ id })
  expect({ state, error }).toEqual({ state: 'done', error: null })
  return result
}
/** Says what it is told to, in place of a model. */
const saying = (model: Partial<LoadedModel>): InferenceHost =>
  ({
    load: async () => ({ info: { provider: 'cpu', reason: '', processes: 1 }, ...model }),
  }) as unknown as InferenceHost

/** Behaviours of people's own, with one whose head is there already and is half sure of every step. */
function openOwn(meanwhile: () => unknown = () => undefined) {
  const store = createOwnStore(workspace.db)
  const { id: behaviour } = store.create('mine', '', '')!
  store.setHead(behaviour, HEAD)
  const { path } = findModel(models, 'cairn-accurate')
  const ensemble = () => ({ model: 'm', version: '1', names: [], width: 1, thresholds: [], path })
  const inference = saying({
    async applyOwn(traces) {
      await meanwhile()
      return traces.map(({ bounds }) => new Float32Array(bounds.length / 2).fill(0.5))
    },
  })
  const { handlers } = createOwn({
    ...{ path: workspace.path, jobs, store, traces: createTraceStore(workspace.db), inference, models },
    ...{ history: {} as History, looks: { ensemble } as unknown as Looks, clock, emit, place },
  })
  const look = async () => done(await handlers['own.classify']({ behaviour, filter: {} }))
  return { behaviour, store, handlers, look }
}

describe('thresholds that are set while traces are looked at', () => {
  it('count all that a model says', async () => {
    const store = createClassificationStore(workspace.db)
    const { id: model, version } = findModel(models, 'cairn-accurate')
    const common = { path: workspace.path, store, jobs, models, emit }
    const { handlers: of } = createModels({ ...common, db: workspace.db })
    const recounts: Job[] = []
    let asked = 0
    const inference = saying({
      async classify(texts) {
        const thresholds = BEHAVIOURS.map(() => 1)
        if (++asked === ROWS.length)
          recounts.push(await of['models.thresholds']({ model, version, thresholds }))
        return {
          bounds: Uint32Array.from(texts.flatMap(({ response }) => [0, response.length])),
          steps: new Uint32Array(texts.length).fill(1),
          probabilities: new Float32Array(texts.length * BEHAVIOURS.length).fill(0.9999),
        }
      },
    })
    const { handlers } = createClassify({ ...common, inference, place, settings: () => ({}) })
    const start = { filter: {}, model, force: false, beside: false } as const
    expect(await done(await handlers['classify.start'](start))).toMatchObject({ traces: 3 })
    expect(recounts).toHaveLength(1)
    await done(recounts[0]!)
    const rows = createTraceStore(workspace.db).rows(Uint32Array.from(IDS))
    expect(rows.map(({ steps }) => steps!.verification)).toEqual([0, 0, 0])
  })

  it('count all that a head of one’s own says', async () => {
    const recounts: Job[] = []
    const set = async () => {
      const { behaviour, handlers } = own
      if (recounts.length === 0) recounts.push(await handlers['own.threshold']({ behaviour, threshold: 0.6 }))
    }
    const own = openOwn(() => void set())
    expect(await own.look()).toMatchObject({ traces: 3, found: 0 })
    await done(recounts[0]!)
    expect(createOwnSums(workspace.db).totals(own.behaviour)).toMatchObject({ classified: 3, found: 0 })
    for (const id of IDS) expect(own.store.predictions(id)).toMatchObject([{ threshold: 0.6 }])
  })
})

describe('what a head says of steps', () => {
  const putSteps = (traceId: number, segmenter: number) =>
    workspace.db
      .prepare('INSERT OR REPLACE INTO steps (trace_id, segmenter, bounds) VALUES (?, ?, ?)')
      .run(traceId, segmenter, encodeBounds(segment(ROWS[traceId - 1]!.response)))

  it('is said anew, and not told until then, where another segmenter cuts them', async () => {
    const { store, behaviour, look } = openOwn()
    const told = () => IDS.filter((id) => store.predictions(id).length > 0)
    const exported = () => IDS.filter((id) => store.ofTrace(id).predictions.length > 0)
    const known = () => IDS.filter((id) => store.hasPrediction(behaviour, id))
    expect(await look()).toMatchObject({ traces: 3 })
    expect(await look()).toMatchObject({ traces: 0 })
    // Classified on the steps of a former segmenter, and of this one.
    putSteps(1, 1)
    putSteps(2, SEGMENTER_VERSION)
    expect([told(), exported(), known()]).toEqual([
      [2, 3],
      [2, 3],
      [2, 3],
    ])
    expect(await look()).toMatchObject({ traces: 1 })
    expect(told()).toEqual([1, 2, 3])
    // An older Cairn did not say whose the steps were where a trace was not classified.
    workspace.db.exec('UPDATE own_predictions SET segmenter = NULL')
    expect([told(), exported(), known()]).toEqual([[1], [1], [1]])
    expect(await look()).toMatchObject({ traces: 2 })
    expect(told()).toEqual([1, 2, 3])
  })
})

describe('a model’s processes', () => {
  /** Takes a while over everything, and counts what it is at. */
  function counting() {
    const at = { going: 0, most: 0 }
    const work = async () => {
      at.most = Math.max(at.most, ++at.going)
      await new Promise((resolve) => setTimeout(resolve, 20))
      at.going--
    }
    return { at, work }
  }

  it('have work at once where a head looks at traces', async () => {
    const { at, work } = counting()
    expect(await openOwn(work).look()).toMatchObject({ traces: 3 })
    expect(at.most).toBe(2)
  })

  it('have work at once where labels are learnt from', async () => {
    const { at, work } = counting()
    const annotations = createAnnotationStore(workspace.db)
    for (const traceId of IDS)
      annotations.add({
        ...{ traceId, start: 0, end: 5, behaviour: 'verification', verdict: 'present', annotator: 'Ann' },
        ...{ at: '', textHash: '', target: null, note: '' },
      })
    const learned: LearningTrace[] = []
    const inference: InferenceHost = {
      ...saying({
        async classify([text]) {
          await work()
          return {
            bounds: Uint32Array.of(0, text!.response.length),
            steps: Uint32Array.of(1),
            probabilities: new Float32Array(BEHAVIOURS.length).fill(0.5),
          }
        },
      }),
      async learn(traces, thresholds) {
        learned.push(...traces)
        const behaviours = thresholds.map((threshold) => ({
          ...{ threshold, kept: false, steps: 0, shown: 0 },
          ...{ before: 0, after: 0, lossBefore: 0, lossAfter: 0 },
        }))
        return { weights: [], behaviours }
      },
    }
    const { handlers } = createAdapt({
      ...{
        jobs,
        inference,
        models: [...models, folder],
        traces: createTraceStore(workspace.db),
        annotations,
      },
      ...{ classifications: createClassificationStore(workspace.db), clock, place },
      ...{ looks: {} as Looks, examples: () => Promise.reject(new Error('it is not asked')) },
    })
    const job = await handlers['models.adapt']({ judged: false, annotator: null })
    expect(await done(job)).toMatchObject({ traces: 3 })
    expect(learned.map(({ probabilities }) => probabilities[0])).toEqual([0.5, 0.5, 0.5])
    expect(at.most).toBe(2)
  })
})
