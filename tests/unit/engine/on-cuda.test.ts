import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type * as Ort from 'onnxruntime-node'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { CudaState } from '#engine/inference/cuda-parts.ts'
import { causeOf, failed, ranOutOfMemory } from '#engine/inference/provider.ts'
import { loadRunner, type Runner } from '#engine/inference/runner.ts'
import { installPaths } from '#engine/install-paths.ts'
import { temporaryFolder } from './support.ts'
import { putTinyModel } from './tiny-model.ts'

// A card that is not there: sessions that are opened on it run on the CPU, or fail as it is told to.

interface Card {
  opens?: string
  runs?: (feeds: Ort.InferenceSession.FeedsType) => Promise<Ort.InferenceSession.OnnxValueMapType> | null
  state: CudaState
}
const there: Card = { state: { problem: null, advice: null, known: true, usable: true } }
const at = vi.hoisted((): { card: unknown; opened: string[] } => ({ card: null, opened: [] }))

vi.mock('#engine/inference/cuda-parts.ts', () => ({
  cudaState: async () => (at.card as Card).state,
}))
vi.mock('#engine/inference/onnxruntime.ts', async () => {
  const ort = await vi.importActual<typeof Ort>('onnxruntime-node')
  const create = async (file: string, options: Ort.InferenceSession.SessionOptions) => {
    const { opens, runs } = at.card as Card
    const [provider] = options.executionProviders as string[]
    at.opened.push(provider!)
    if (provider === 'cuda' && opens !== undefined) throw new Error(opens)
    const session = await ort.InferenceSession.create(file, { ...options, executionProviders: ['cpu'] })
    if (provider !== 'cuda') return session
    return new Proxy(session, {
      get(of, name) {
        const value = Reflect.get(of, name, of) as unknown
        if (name !== 'run') return typeof value === 'function' ? (value.bind(of) as unknown) : value
        return (feeds: Ort.InferenceSession.FeedsType) => runs?.(feeds) ?? of.run(feeds)
      },
    })
  }
  return { ort: { ...ort, InferenceSession: { create } } }
})

const { modelsDir } = installPaths()
const TRACES = [{ prompt: '', response: 'Let me check that. It is so.' }]
/** As onnxruntime 1.30 says it. */
const SIGNATURE =
  '/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:154 std::conditional_t<THRW, void, onnxruntime::common::Status> onnxruntime::CudaCall(ERRTYPE, const char*, const char*, SUCCTYPE, const char*, const char*, int) [with ERRTYPE = cudaError; bool THRW = true; SUCCTYPE = cudaError; std::conditional_t<THRW, void, common::Status> = void] '
const said = (cause: string) =>
  `${SIGNATURE}${cause} ; GPU=-1 ; hostname=vm ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_execution_provider.cc ; line=352 ; expr=cudaSetDevice(info_.device_id); \n\n`
const NO_KERNEL = 'CUDA failure 209: no kernel image is available for execution on the device'
const NO_CUDNN = 'CUDNN failure 1001: CUDNN_STATUS_NOT_INITIALIZED'

let folder: string
beforeAll(() => {
  folder = temporaryFolder()
  putTinyModel(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const loaded: Runner[] = []
afterEach(async () => {
  for (const runner of loaded.splice(0)) await runner.release()
})
async function load(card: Partial<Card>, ...[request]: Parameters<typeof loadRunner>): Promise<Runner> {
  at.card = { ...there, ...card }
  at.opened.length = 0
  const runner = await loadRunner(request)
  loaded.push(runner)
  return runner
}
const tiny = (device: 'auto' | 'cuda') => ({ modelDir: folder, device })
const breaks = (message: string) => ({ runs: () => Promise.reject(new Error(message)) })

describe('a model on CUDA', () => {
  it('is there where a sentence runs', async () => {
    const { info } = await load({}, tiny('auto'))
    expect(info).toMatchObject({ provider: 'cuda', reason: 'CUDA works on this machine', advice: null })
  })

  it('is on the CPU where it opens and then does not run, with the cause', async () => {
    for (const [message, reason] of [
      [said(NO_KERNEL), NO_KERNEL],
      [
        `Non-zero status code returned while running Conv node. Name:'/conv' Status Message: ${said(NO_CUDNN)}`,
        NO_CUDNN,
      ],
      [
        "Non-zero status code returned while running Conv node. Name:'/conv' Status Message: cuDNN is not to be had\nmore",
        'cuDNN is not to be had',
      ],
    ] as const) {
      const runner = await load(breaks(message), tiny('auto'))
      expect(runner.info).toMatchObject({ provider: 'cpu', reason, cause: 'machine' })
      expect((await runner.classify(TRACES)).probabilities[0]).toBeGreaterThan(0)
      await expect(load(breaks(message), tiny('cuda'))).rejects.toMatchObject({
        code: 'inference_failed',
        message: expect.stringContaining(`CUDA cannot be used: ${reason}.`) as string,
      })
    }
  })

  it('says which library is missing, which onnxruntime does not', async () => {
    const card = {
      opens: 'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library',
      state: {
        ...{ problem: 'the system does not find libcudart.so.13', advice: 'Install CUDA 13.' },
        ...{ known: true, usable: true },
      },
    }
    const { info } = await load(card, tiny('auto'))
    expect(info).toMatchObject({
      ...{ provider: 'cpu', reason: card.state.problem, cause: 'machine', advice: 'Install CUDA 13.' },
    })
    await expect(load(card, tiny('cuda'))).rejects.toThrow(card.state.problem)
    // What the driver says goes before it.
    const old = 'CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version'
    expect((await load({ ...card, opens: said(old) }, tiny('auto'))).info).toMatchObject({
      ...{ reason: old, advice: 'Install a newer NVIDIA driver.' },
    })
  })

  it('is not tried with a provider that would take the process down', async () => {
    const state = { problem: 'it is cut off', advice: 'Replace it.', known: true, usable: false }
    const { info } = await load({ state }, tiny('auto'))
    expect(info).toMatchObject({ provider: 'cpu', reason: 'it is cut off', advice: 'Replace it.' })
    expect(at.opened).toEqual(['cpu'])
  })

  it('is never cairn-fast, whatever is asked for', async () => {
    const modelDir = join(modelsDir, 'cairn-fast')
    for (const device of ['auto', 'cuda'] as const) {
      const { info } = await load({}, { modelDir, device })
      expect(info).toMatchObject({
        ...{ provider: 'cpu', reason: 'this model always runs on the CPU', cause: 'model' },
      })
      expect(at.opened).toEqual(['cpu'])
    }
  })

  it('gets every window of 8-bit weights alone, and those of 16-bit ones together', async () => {
    const modelDir = join(modelsDir, 'cairn-accurate')
    const windows: number[] = []
    const runs = ({ ids, pool }: Ort.InferenceSession.FeedsType) => {
      windows.push(ids!.dims[0]!)
      const [n, steps] = pool!.dims as [number, number]
      return Promise.resolve({
        vectors: { data: new Float32Array(n * steps * 384) } as unknown as Ort.OnnxValue,
      })
    }
    const response = 'Let me check that: 2 + 2 = 4, and so on and so forth until the end. '.repeat(40)
    for (const precision of ['int8', 'fp16'] as const) {
      const runner = await load({ runs }, { modelDir, device: 'cuda', precision })
      windows.length = 0
      await runner.classify([{ prompt: '', response }])
      if (precision === 'int8') {
        expect(windows.length).toBeGreaterThan(1)
        expect(Math.max(...windows)).toBe(1)
      } else expect(Math.max(...windows)).toBeGreaterThan(1)
      await loaded.pop()!.release()
    }
  })
})

describe('what onnxruntime throws', () => {
  it('is told by its cause alone, in one line', () => {
    expect(causeOf(new Error(said(NO_KERNEL)))).toBe(NO_KERNEL)
    const oom =
      "Non-zero status code returned while running MatMul node. Name:'m' Status Message: /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Failed to allocate memory for requested buffer of size 1024\n"
    expect(causeOf(new Error(oom))).toBe('Failed to allocate memory for requested buffer of size 1024')
    expect(failed('m', 'cuda', new Error(said(NO_KERNEL))).message).toBe(`The model m failed: ${NO_KERNEL}`)
    expect(causeOf(new Error('Load model from m.onnx failed:Protobuf parsing failed.'))).toBe(
      'Load model from m.onnx failed:Protobuf parsing failed.',
    )
  })

  it('is short memory by whichever library says so', () => {
    for (const message of [
      'CUDA failure 2: out of memory ; GPU=0',
      'CUDNN failure 4: CUDNN_STATUS_ALLOC_FAILED',
      'CUDNN failure 4003: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED',
      'CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED',
    ])
      expect(ranOutOfMemory(new Error(message))).toBe(true)
    expect(ranOutOfMemory(new Error(NO_KERNEL))).toBe(false)
  })
})
