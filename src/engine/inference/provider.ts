import type { Device, ProviderInfo } from '#shared/contract/classify.ts'
import type { ProviderName } from '#shared/domain/models/manifest.ts'
import { CairnError } from '#shared/errors.ts'
import * as ort from 'onnxruntime-node'
import { cudaProviderInstalled } from './cuda-setup.ts'

export interface Session {
  session: ort.InferenceSession
  info: ProviderInfo
}

/**
 * Opens a model on CUDA where that works, else on the CPU, and says why; `threads` as in `ProviderInfo`.
 * @param pathFor the model's file for a provider, null where it has none
 * @throws CairnError `inference_failed` when CUDA was asked for by name and is not to be had,
 *   `model_invalid` when the file is no model that onnxruntime can run
 */
export async function openSession(
  pathFor: (provider: ProviderName) => string | null,
  device: Device,
  threads: number | null,
): Promise<Session> {
  const pool = threads === null ? {} : { intraOpNumThreads: threads }
  const onnxruntime = ort.env.versions.node ?? ort.env.versions.common
  let whyNot = 'the CPU was asked for'
  if (device !== 'cpu') {
    const attempt = await openCuda(pathFor, pool)
    if ('session' in attempt)
      return {
        session: attempt.session,
        info: { provider: 'cuda', reason: 'CUDA works on this machine', onnxruntime, threads, processes: 1 },
      }
    whyNot = attempt.whyNot
    if (device === 'cuda')
      throw new CairnError(
        'inference_failed',
        `CUDA cannot be used: ${whyNot}. Run with "--device cpu", or see "cairn doctor".`,
        { provider: 'cuda' },
      )
  }
  const file = pathFor('cpu')
  if (file === null) throw new CairnError('model_invalid', 'The model has no file for the CPU.')
  try {
    const session = await ort.InferenceSession.create(file, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      ...pool,
    })
    return { session, info: { provider: 'cpu', reason: whyNot, onnxruntime, threads, processes: 1 } }
  } catch (cause) {
    throw new CairnError(
      'model_invalid',
      `onnxruntime cannot load ${file}: ${(cause as Error).message}`,
      { file },
      { cause },
    )
  }
}

async function openCuda(
  pathFor: (provider: ProviderName) => string | null,
  pool: ort.InferenceSession.SessionOptions,
): Promise<{ session: ort.InferenceSession } | { whyNot: string }> {
  if (!ort.listSupportedBackends().some(({ name }) => name === 'cuda'))
    return { whyNot: 'this build of onnxruntime has no CUDA provider for this system' }
  if (!cudaProviderInstalled()) return { whyNot: 'the CUDA provider of onnxruntime is not installed' }
  const file = pathFor('cuda')
  if (file === null) return { whyNot: 'the model has no file for CUDA' }
  try {
    return {
      session: await ort.InferenceSession.create(file, {
        executionProviders: ['cuda'],
        logSeverityLevel: 4,
        ...pool,
      }),
    }
  } catch (cause) {
    return { whyNot: explain((cause as Error).message) }
  }
}

/** The first cause that a person can act on, out of onnxruntime's message. */
function explain(message: string): string {
  const missing = /(lib[\w.+-]+\.so[.\d]*|[\w.+-]+\.dll)/.exec(message)?.[1]
  if (missing !== undefined) return `the library ${missing} is missing`
  return message.split('\n')[0]!.slice(0, 200)
}

/** Says that memory ran out while a model ran, on the graphics card or on the machine. */
export const ranOutOfMemory = (thrown: unknown): boolean =>
  /out of memory|failed to allocate|bad_alloc|BFCArena|CUDNN_STATUS_ALLOC_FAILED|CUBLAS_STATUS_ALLOC_FAILED/i.test(
    thrown instanceof Error ? thrown.message : String(thrown),
  )

/** @returns what to throw when a model does not run */
export const failed = (model: string, cause: unknown): CairnError =>
  new CairnError(
    'inference_failed',
    `The model ${model} failed: ${(cause as Error).message}`,
    { model },
    { cause },
  )
