import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FullTrace } from '#engine/db/traces.ts'
import { logicalCores } from '#engine/inference/cores.ts'
import { createInferenceHost, type InferenceHost } from '#engine/inference/host.ts'
import type { ModelFolders } from '#engine/inference/models.ts'
import type { LoadRequest } from '#engine/inference/protocol.ts'
import { installPaths } from '#engine/install-paths.ts'
import { createAdapt } from '#engine/services/adapt.ts'
import { createClassify } from '#engine/services/classify.ts'
import { createEvaluate } from '#engine/services/evaluate.ts'
import type { JobContext, JobRunner, Jobs } from '#engine/services/jobs.ts'
import { createLooks, type Ensemble } from '#engine/services/looks.ts'
import { createOwn } from '#engine/services/own.ts'
import { createPlacement } from '#engine/services/placement.ts'
import type { Job } from '#shared/contract/jobs.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import { ended, importFiles, sampleLines, temporaryFolder, withEngine, type TestEngine } from './support.ts'
import { putTinyModel } from './tiny-model.ts'

/** Threads of the inference process, as the system counts them. */
const threadsOf = ({ engine }: TestEngine) => readdirSync(`/proc/${engine.inference.pid()!}/task`).length

describe('where models run', () => {
  it('is what the workspace says, unless the call says otherwise', () =>
    withEngine(async ({ client }) => {
      await client.call('settings.set', { device: 'cpu', threads: 1 })
      expect(await client.call('models.provider', {})).toMatchObject({
        provider: 'cpu',
        reason: 'the CPU was asked for',
        threads: 1,
      })
      await client.call('settings.set', { threads: null })
      expect(await client.call('models.provider', {})).toMatchObject({ threads: null })
    }))

  it('never asks for more threads than there are, and passes over settings that make no sense', () =>
    withEngine(async ({ client }) => {
      const { logicalCores, physicalCores } = await client.call('models.machine', {})
      expect(physicalCores).toBeGreaterThan(0)
      expect(physicalCores).toBeLessThanOrEqual(logicalCores)
      await client.call('settings.set', { device: 'cpu', threads: 10_000 })
      expect(await client.call('models.provider', {})).toMatchObject({ threads: logicalCores })
      for (const threads of [0, -1, 1.5, 'many'])
        expect(
          await client.call('settings.set', { threads }).then(() => client.call('models.provider', {})),
        ).toMatchObject({ threads: null })
      await client.call('settings.set', { device: 'abacus' })
      expect(await client.call('models.provider', {})).toMatchObject({
        provider: expect.any(String) as string,
      })
      await expect(client.call('models.provider', { threads: 0 })).rejects.toMatchObject({
        code: 'bad_request',
      })
    }))

  it('is the CPU for cairn-fast by itself, whatever is asked for and in whatever order', async () => {
    for (const devices of [['auto', 'cpu'] as const, ['cpu', 'auto'] as const])
      await withEngine(async ({ client }) => {
        for (const device of devices)
          expect(await client.call('models.provider', { model: 'cairn-fast', device })).toMatchObject({
            ...{ provider: 'cpu', cause: 'model', advice: null },
          })
      })
  })

  // onnxruntime itself starts the threads: the process counts them, not what was asked for.
  it.skipIf(process.platform !== 'linux')('has as many threads as were asked for', () =>
    withEngine(async (opened) => {
      const { client } = opened
      const { logicalCores } = await client.call('models.machine', {})
      if (logicalCores < 2) return
      const counted: number[] = []
      for (const threads of [1, 2, 1]) {
        await client.call('settings.set', { device: 'cpu', threads })
        await client.call('models.provider', { model: 'cairn-fast' })
        counted.push(threadsOf(opened))
      }
      expect(counted).toEqual([counted[0], counted[0]! + 1, counted[0]])
    }),
  )

  it('is kept with a classification, so that resuming it later is the same work', () => {
    const folder = temporaryFolder()
    return withEngine(async ({ client }) => {
      const file = join(folder, 'dpo.jsonl')
      writeFileSync(file, sampleLines('dpo').slice(0, 5).join('\n'))
      await importFiles(client, [file])
      await client.call('settings.set', { device: 'cpu', threads: 1 })
      const job = await ended(client, await client.call('classify.start', { model: 'cairn-fast' }))
      expect(job.input).toMatchObject({ device: 'cpu', threads: 1 })
    }).finally(() => rmSync(folder, { recursive: true, force: true }))
  })

  it('is the same for whatever uses the model: all find one that is loaded', async () => {
    const asked: LoadRequest[] = []
    const seen = new CairnError('cancelled', 'seen')
    const inference = {
      load: (request: LoadRequest) => {
        asked.push(request)
        return Promise.reject(seen)
      },
    } as unknown as InferenceHost
    const started: Promise<unknown>[] = []
    const runners = new Map<string, JobRunner>()
    const jobs = {
      register: (kind: string, runner: JobRunner) => void runners.set(kind, runner),
      start(kind: string, input: Json) {
        const context = { signal: new AbortController().signal, report: () => undefined }
        started.push(runners.get(kind)!(input, context as unknown as JobContext))
        return {} as Job
      },
    } as unknown as Jobs
    const models: ModelFolders = [installPaths().modelsDir]
    const place = createPlacement(() => ({ device: 'cpu', threads: 2, precision: 'fp16', batch: 4096 }))
    const trace = (id: number) =>
      ({ row: { id, prompt: '' }, response: 'It is so.', bounds: null }) as unknown as FullTrace
    const common = { path: '', jobs, inference, models, place, emit: () => undefined }
    const looks = createLooks({ ...common, traces: { get: trace } as never })
    const { path, version } = looks.ensemble()
    const head = { model: 'cairn-accurate', modelVersion: version, file: '' }
    const store = { require: () => ({ name: 'mine', head }) } as never
    const others = { traces: null, annotations: null, history: null, clock: null } as never

    const { handlers: classify } = createClassify({ ...common, store, settings: () => ({}) })
    await classify['classify.start']({ model: 'cairn-accurate', filter: {}, force: false })
    const { handlers: evaluate } = createEvaluate({ ...common, ...(others as object) } as never)
    await evaluate['models.evaluate']({ model: 'cairn-accurate', judged: true })
    let unread = 2
    const examples = (of: Ensemble) => looks.logits(of, unread++)
    const adapt = createAdapt({ ...common, ...(others as object), looks, examples } as never).handlers
    await adapt['models.adapt']({ model: 'cairn-accurate', judged: false, annotator: null })
    const own = createOwn({ ...common, ...(others as object), looks, store } as never).handlers
    await own['own.classify']({ behaviour: 1, filter: {} })
    started.push(looks.at({ ...looks.ensemble(), path }, 1))

    for (const one of started) await expect(one).rejects.toBe(seen)
    expect(asked).toHaveLength(5)
    for (const request of asked) expect(request).toEqual(asked[0])
    expect(asked[0]).toMatchObject({ device: 'cpu', threads: 2, precision: 'fp16', batch: 4096 })

    // Whichever way it learns, what is said goes before the settings.
    const said = { ...asked[0], device: 'cuda' }
    for (const judged of [false, true]) {
      asked.length = 0
      await adapt['models.adapt']({ device: 'cuda', model: 'cairn-accurate', judged, annotator: null })
      await expect(started.at(-1)).rejects.toBe(seen)
      expect(asked).toEqual([said])
    }
  })
})

describe('the inference process', () => {
  const withHost = async (work: (host: InferenceHost, folder: string) => Promise<void>) => {
    const folder = temporaryFolder()
    const host = createInferenceHost(installPaths().entries.inference)
    try {
      putTinyModel(folder)
      await work(host, folder)
    } finally {
      host.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }

  it('keeps a model for all who ask for it in the same place, in however many words', () =>
    withHost(async (host, modelDir) => {
      const traces = [{ prompt: '', response: 'Let me check that.' }]
      const { info, ...usual } = await host.load({ modelDir })
      await usual.classify(traces)
      // What is loaded anew does not find its file.
      rmSync(join(modelDir, 'model.onnx'))
      for (const request of [
        { device: info.provider, threads: null },
        { device: 'auto', precision: 'auto', batch: null, version: null, adaptation: null },
      ] as const)
        await (await host.load({ modelDir, ...request })).classify(traces)
      expect((await host.load({ modelDir })).info).toEqual(info)
      if (info.provider === 'cpu')
        expect((await host.load({ modelDir, device: 'cpu' })).info).toMatchObject({
          ...{ reason: 'the CPU was asked for', cause: 'asked' },
        })
      await expect(host.load({ modelDir, batch: 64 })).rejects.toMatchObject({ code: 'model_invalid' })
    }))

  it('has no more threads than the machine, whatever a job of another machine says', () =>
    withHost(async (host, modelDir) => {
      const { info } = await host.load({ modelDir, device: 'cpu', threads: 4 * logicalCores() })
      expect(info.threads).toBe(logicalCores())
    }))
})
