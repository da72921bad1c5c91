import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Device, ProviderInfo } from '#shared/contract/classify.ts'
import { CairnError } from '#shared/errors.ts'
import * as ort from 'onnxruntime-node'

export interface Session {
  session: ort.InferenceSession
  info: ProviderInfo
}

/**
 * Opens a model on CUDA where that works, else on the CPU, and says why; `threads` as in `ProviderInfo`.
 * @throws CairnError `inference_failed` when CUDA was asked for by name and is not to be had,
 *   `model_invalid` when the file is no model that onnxruntime can run
 */
export async function openSession(file: string, device: Device, threads: number | null): Promise<Session> {
  const pool = threads === null ? {} : { intraOpNumThreads: threads }
  const onnxruntime = ort.env.versions.node ?? ort.env.versions.common
  let whyNot = 'the CPU was asked for'
  if (device !== 'cpu') {
    const attempt = await openCuda(file, pool)
    if ('session' in attempt)
      return {
        session: attempt.session,
        info: { provider: 'cuda', reason: 'CUDA works on this machine', onnxruntime, threads },
      }
    whyNot = attempt.whyNot
    if (device === 'cuda')
      throw new CairnError(
        'inference_failed',
        `CUDA cannot be used: ${whyNot}. Run with "--device cpu", or see "cairn doctor".`,
        { provider: 'cuda' },
      )
  }
  try {
    const session = await ort.InferenceSession.create(file, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      ...pool,
    })
    return { session, info: { provider: 'cpu', reason: whyNot, onnxruntime, threads } }
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
  file: string,
  pool: ort.InferenceSession.SessionOptions,
): Promise<{ session: ort.InferenceSession } | { whyNot: string }> {
  if (!ort.listSupportedBackends().some(({ name }) => name === 'cuda'))
    return { whyNot: 'this build of onnxruntime has no CUDA provider for this system' }
  if (!cudaProviderInstalled()) return { whyNot: 'the CUDA provider of onnxruntime is not installed' }
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

/** onnxruntime shouts on standard error when it looks for a provider in vain, so look first. */
function cudaProviderInstalled(): boolean {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node')
  const folder = join(dirname(entry), '../bin/napi-v6', process.platform, process.arch)
  return readdirSync(folder).some((file) => file.includes('onnxruntime_providers_cuda'))
}

/** The first cause that a person can act on, out of onnxruntime's message. */
function explain(message: string): string {
  const missing = /(lib[\w.+-]+\.so[.\d]*|[\w.+-]+\.dll)/.exec(message)?.[1]
  if (missing !== undefined) return `the library ${missing} is missing`
  return message.split('\n')[0]!.slice(0, 200)
}
