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
import { createAnnotationStore } from './db/annotations.ts'
import { createClassificationStore } from './db/classification.ts'
import { openWorkspace } from './db/connection.ts'
import { createJobStore } from './db/jobs.ts'
import { createDeskStore } from './db/desk.ts'
import { createHistoryStore } from './db/history.ts'
import { createSourceStore } from './db/sources.ts'
import { createTraceStore } from './db/traces.ts'
import { createInferenceHost, type InferenceHost } from './inference/host.ts'
import { createClassify } from './services/classify.ts'
import { createDesk } from './services/desk.ts'
import { createEvaluate } from './services/evaluate.ts'
import { createExports } from './services/exports.ts'
import { createHistory } from './services/history.ts'
import { createImports } from './services/imports.ts'
import { createJobs } from './services/jobs.ts'
import { createLabelImport } from './services/label-import.ts'
import { createLabels } from './services/labels.ts'
import { createReaders } from './services/readers.ts'
import { createTraces } from './services/traces.ts'

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
  const readers = createReaders(entries.reading, path)
  const clients = new Set<Served>()
  const emit: Emit = <N extends EventName>(name: N, payload: Events[N]) => {
    if (name === 'labels.changed') readers.forget('labels')
    else if (name === 'traces.changed' || changesTraces(payload as Job)) readers.forget('traces')
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
  const history = createHistory({ db, store: createHistoryStore(db), annotations, desk, clock, emit })
  const inference = createInferenceHost(entries.inference)
  const jobs = createJobs({ store: createJobStore(db), emit, clock })

  const handlers: ApiHandlers = {
    ...createTraces({ db, traces, sources }),
    ...readers.handlers,
    ...createImports({ db, path, sources, jobs, emit, clock, readerEntry: entries.reader, tempDir }).handlers,
    ...createLabels({ traces, annotations, history, clock }),
    ...createLabelImport({ db, traces, annotations, classifications, clock, emit }),
    ...createClassify({
      ...{ path, store: classifications, jobs, emit, inference, modelsDir },
      settings: desk.settings,
    }).handlers,
    ...createEvaluate({ jobs, inference, modelsDir }).handlers,
    ...createExports({ jobs, traces, sources, annotations, version }).handlers,
    ...createDesk({ store: desk, traces, history, clock }),
    ...history.handlers,
    ...jobs.handlers,
  }

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
      await jobs.close()
      inference.close()
      await readers.close()
      for (const client of clients) client.close()
      rmSync(tempDir, { recursive: true, force: true })
      close()
    },
  }
}

/** Whether a job that tells of itself adds or classifies traces just now. */
const changesTraces = ({ kind, state }: Job) =>
  state === 'running' && (kind === 'import' || kind === 'classify')

/** A client in the engine's own process, through the same boundary as any other. */
export function localClient(engine: Engine): EngineClient {
  const [near, far] = memoryChannel()
  engine.attach(far)
  return connect<Api, Events>(near)
}
