import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Emit, EventName, Events } from '#shared/contract/events.ts'
import type { Job } from '#shared/contract/jobs.ts'
import { api, type Api, type ApiHandlers } from '#shared/contract/index.ts'
import type { Channel } from '#shared/rpc/channel.ts'
import { connect, type Client } from '#shared/rpc/client.ts'
import { memoryChannel } from '#shared/rpc/channel.ts'
import { serve, type Served } from '#shared/rpc/server.ts'
import { systemClock, type Clock } from './clock.ts'
import { installPaths } from './install-paths.ts'
import { createAnnotationStore } from './db/annotations.ts'
import { createClassificationStore } from './db/classification.ts'
import { openWorkspace, typedDbError } from './db/connection.ts'
import { createJobStore } from './db/jobs.ts'
import { createJudgementStore } from './db/judgements.ts'
import { createDeskStore } from './db/desk.ts'
import { createGraphStore } from './db/graphs.ts'
import { createHistoryStore } from './db/history.ts'
import { createOwnStore } from './db/own.ts'
import { createRecipeStore } from './db/recipes.ts'
import { createSourceStore } from './db/sources.ts'
import { createTokenScoreStore } from './db/token-scores.ts'
import { createTraceStore } from './db/traces.ts'
import { createVerdictStore } from './db/verdicts.ts'
import { createVectorStore } from './db/vectors.ts'
import { createInferenceHost, type InferenceHost } from './inference/host.ts'
import type { ModelFolders } from './inference/models.ts'
import { createClassify, ownModels } from './services/classify.ts'
import { createCuda } from './services/cuda.ts'
import { createCurate } from './services/curate.ts'
import { createDesk } from './services/desk.ts'
import { createEvaluate } from './services/evaluate.ts'
import { createExports } from './services/exports.ts'
import { createGraphs } from './services/graphs.ts'
import { createHistory } from './services/history.ts'
import { createImports } from './services/imports.ts'
import { createJobs } from './services/jobs.ts'
import { createJudge } from './services/judge.ts'
import { createAdapt } from './services/adapt.ts'
import { createModelImport } from './services/model-import.ts'
import { createModelRemoval } from './services/model-removal.ts'
import { createLearning } from './services/learning.ts'
import { createLooks } from './services/looks.ts'
import { createOwn } from './services/own.ts'
import { createModels } from './services/models.ts'
import { createLabelImport } from './services/label-import.ts'
import { createLabels } from './services/labels.ts'
import { createPlacement } from './services/placement.ts'
import { createReaders } from './services/readers.ts'
import { createRewrite } from './services/rewrite.ts'
import { createSimilar } from './services/similar.ts'
import { createSurprisal } from './services/surprisal.ts'
import { createTraces } from './services/traces.ts'
import { checkingOf, createVerdicts } from './services/verdicts.ts'

export interface EngineOptions {
  /** Folder of the workspace. */
  workspace: string
  /** Makes the workspace where there is none. */
  create: boolean
  /** Files that run as threads and as a process of their own. */
  entries: { reader: string; reading: string; inference: string }
  /** Folder of the built-in models. */
  modelsDir: string
  /** Of Cairn. */
  version: string
  clock?: Clock
}

export interface Engine {
  readonly handlers: ApiHandlers
  readonly inference: Pick<InferenceHost, 'pid'>
  /** Serves the API and the events on a channel until either side closes it. */
  attach(channel: Channel): Served
  /** Stops jobs (they can be resumed) and releases the workspace. */
  close(): Promise<void>
}

export type EngineClient = Client<Api, Events>

/**
 * Builds the engine on a workspace; every host runs exactly this.
 * @throws CairnError as `openWorkspace` does
 */
export function createEngine({
  workspace,
  create,
  entries,
  modelsDir,
  version,
  clock = systemClock,
}: EngineOptions): Engine {
  const { db, path, close } = openWorkspace(workspace, { create })
  const traces = createTraceStore(db)
  const readers = createReaders(entries.reading, path, {
    reading: (progress) => emit('traces.reading', progress),
    sorting: (progress) => emit('similar.sorting', progress),
    comparing: (progress) => emit('labels.comparing', progress),
  })
  const clients = new Set<Served>()
  const emit: Emit = <N extends EventName>(name: N, payload: Events[N]) => {
    if (name === 'labels.changed') {
      readers.forget('labels')
      learning.forget((payload as Events['labels.changed']).traceId)
    } else if (name === 'traces.changed' || name === 'own.changed' || changesTraces(payload as Job))
      readers.forget('traces')
    for (const client of clients) client.emit(name, payload)
  }
  const tempDir = join(path, 'tmp')
  // Whatever a killed process left there is of no use to anyone.
  rmSync(tempDir, { recursive: true, force: true })
  mkdirSync(tempDir, { recursive: true })

  const sources = createSourceStore(db)
  const annotations = createAnnotationStore(db)
  const classifications = createClassificationStore(db)
  const desk = createDeskStore(db)
  const graphs = createGraphStore(db)
  const own = createOwnStore(db)
  const history = createHistory({
    ...{ db, store: createHistoryStore(db), annotations, desk, graphs, own, clock, emit },
  })
  const inference = createInferenceHost(entries.inference)
  const jobs = createJobs({ store: createJobStore(db), emit, clock })
  const place = createPlacement(desk.settings)
  const models: ModelFolders = [modelsDir, ownModels(path)]
  const removal = createModelRemoval(models)

  const looks = createLooks({ inference, models, traces, place })
  const learning = createLearning({ jobs, looks, traces, annotations })
  const classify = createClassify({
    ...{ path, store: classifications, jobs, inference, models },
    ...{ place, settings: desk.settings },
  })

  const handlers = withTypedErrors(path, {
    ...createTraces({ path, db, traces, sources }),
    ...readers.handlers,
    ...createImports({ db, path, sources, jobs, emit, clock, readerEntry: entries.reader, tempDir }).handlers,
    ...createLabels({ traces, annotations, history, clock }),
    ...createLabelImport({
      ...{ db, traces, annotations, classifications, own, history, clock, emit, tempDir },
    }),
    ...classify.handlers,
    ...createSimilar({
      ...{
        path,
        store: createVectorStore(db),
        classifications,
        traces,
        readers,
        jobs,
        inference,
        models,
        place,
      },
    }).handlers,
    ...createCuda({ jobs, inference }).handlers,
    ...createSurprisal({
      ...{ path, store: createTokenScoreStore(db), classifications, jobs, inference, models, place },
    }).handlers,
    ...createEvaluate({
      ...{ jobs, inference, models, traces, annotations, place, usual: classify.usual },
    }).handlers,
    ...removal.handlers,
    ...createModelImport({ inference, models }).handlers,
    ...createAdapt({
      ...{ jobs, inference, models, traces, annotations, classifications, clock, looks, place },
      examples: learning.examples,
    }).handlers,
    ...learning.handlers,
    ...createOwn({
      ...{ path, jobs, store: own, history, traces, looks, inference, models, clock, emit, place },
    }).handlers,
    ...createModels({ db, path, store: classifications, jobs, models }).handlers,
    ...createCurate({
      ...{
        jobs,
        traces,
        sources,
        annotations,
        own,
        recipes: createRecipeStore(db),
        emit,
        clock,
        version,
        path,
      },
      recipesDir: installPaths().recipesDir,
      checking: () => checkingOf(desk),
    }).handlers,
    ...createExports({ jobs, traces, sources, annotations, own, version }).handlers,
    ...createGraphs({ path, store: graphs, traces, readers, history, jobs, clock }).handlers,
    ...createVerdicts({ path, store: createVerdictStore(db), desk, readers, jobs }).handlers,
    ...createJudge({
      ...{ path, store: createJudgementStore(db), traces, jobs, clock },
      key: () => process.env['CAIRN_JUDGE_KEY'],
    }).handlers,
    ...createRewrite({ traces, jobs, key: () => process.env['CAIRN_JUDGE_KEY'] }).handlers,
    ...createDesk({ store: desk, traces, history, clock }),
    ...history.handlers,
    ...jobs.handlers,
  })

  return {
    handlers,
    inference,
    attach(channel) {
      const served = serve(api, handlers, channel)
      clients.add(served)
      channel.onClose(() => clients.delete(served))
      return served
    },
    async close() {
      const ended = jobs.close()
      // A batch that is under way would be waited for.
      inference.close()
      await ended
      await readers.close()
      removal.forget()
      for (const client of clients) client.close()
      rmSync(tempDir, { recursive: true, force: true })
      close()
    },
  }
}

/** Whether a job that tells of itself is adding or classifying traces; when it ends, it says so itself. */
const changesTraces = ({ kind, state }: Job) =>
  state === 'running' && (kind === 'import' || kind === 'classify')

/** Every handler with the database's errors as `typedDbError` has them: a full disk may stop any change. */
function withTypedErrors(path: string, handlers: ApiHandlers): ApiHandlers {
  const typed = (handle: (input: never) => unknown) => async (input: never) => {
    try {
      return await handle(input)
    } catch (thrown) {
      throw typedDbError(thrown, path)
    }
  }
  return Object.fromEntries(
    Object.entries(handlers).map(([method, handle]) => [method, typed(handle)]),
  ) as unknown as ApiHandlers
}

/** A client in the engine's own process, through the same boundary as any other. */
export function localClient(engine: Engine): EngineClient {
  const [near, far] = memoryChannel()
  engine.attach(far)
  return connect<Api, Events>(near)
}
