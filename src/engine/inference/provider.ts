import type { Device, ProviderInfo } from '#shared/contract/classify.ts'
import type { ProviderName } from '#shared/domain/models/manifest.ts'
import { CairnError } from '#shared/errors.ts'
import type { InferenceSession } from 'onnxruntime-node'
import { cudaState } from './cuda-parts.ts'
import { ort } from './onnxruntime.ts'

// Both are read when the first session is opened. onnxruntime's Node build collects usage data unless told not to, and
// Cairn has no telemetry; what onnxruntime would write on standard error is in what it throws, or is found out here.
process.env['ORT_DISABLE_TELEMETRY'] = '1'
ort.env.logLevel = 'fatal'

export interface Session {
  session: InferenceSession
  info: ProviderInfo
}

/** Why a model runs where it does. */
type Why = Pick<ProviderInfo, 'reason' | 'cause' | 'advice'>

/** Of a model that runs on the CPU because that was asked for. */
export const CPU_ASKED: Why = { reason: 'the CPU was asked for', cause: 'asked', advice: null }

/**
 * Opens a model on CUDA where that can be had, else on the CPU, and says why; `threads` as in `ProviderInfo`. That a
 * session opens on CUDA does not say that it runs there: `loadRunner` tries.
 * @param pathFor the model's file for a provider, null where it has none
 * @throws CairnError `inference_failed` when CUDA was asked for by name and is not to be had,
 *   `model_invalid` when the file is no model that onnxruntime can run
 */
export async function openSession(
  pathFor: (provider: ProviderName) => string | null,
  device: Device,
  threads: number | null,
): Promise<Session> {
  const onnxruntime = ort.env.versions.node ?? ort.env.versions.common
  const told = (provider: ProviderName, why: Why): ProviderInfo => ({
    ...{ provider, ...why, onnxruntime, threads, processes: 1 },
  })
  let why = CPU_ASKED
  if (device !== 'cpu') {
    const attempt = await openCuda(pathFor, threads)
    if ('session' in attempt)
      return {
        session: attempt.session,
        info: told('cuda', { reason: 'CUDA works on this machine', cause: null, advice: null }),
      }
    if (device === 'cuda') throw noCuda(attempt.reason)
    why = attempt
  }
  const file = pathFor('cpu')
  if (file === null) throw new CairnError('model_invalid', 'The model has no file for the CPU.')
  try {
    return { session: await openOnCpu(file, threads), info: told('cpu', why) }
  } catch (cause) {
    throw new CairnError(
      'model_invalid',
      `onnxruntime cannot load ${file}: ${causeOf(cause)}`,
      { file },
      { cause },
    )
  }
}

/** Opens a file, or its content, on the CPU. */
export const openOnCpu = (model: string | Buffer, threads: number | null): Promise<InferenceSession> => {
  const options = { executionProviders: ['cpu'], graphOptimizationLevel: 'all', ...pool(threads) } as const
  // The two are of one function, but of different overloads.
  return typeof model === 'string'
    ? ort.InferenceSession.create(model, options)
    : ort.InferenceSession.create(model, options)
}

const pool = (threads: number | null): InferenceSession.SessionOptions =>
  threads === null ? {} : { intraOpNumThreads: threads }

async function openCuda(
  pathFor: (provider: ProviderName) => string | null,
  threads: number | null,
): Promise<{ session: InferenceSession } | Why> {
  const { problem, advice, usable } = await cudaState()
  if (!usable) return { reason: problem!, cause: 'machine', advice }
  const file = pathFor('cuda')
  if (file === null) return { reason: 'the model has no file for CUDA', cause: 'model', advice: null }
  try {
    return {
      session: await ort.InferenceSession.create(file, { executionProviders: ['cuda'], ...pool(threads) }),
    }
  } catch (cause) {
    const said = saidIn((cause as Error).message)
    const outdated = said !== undefined && /failure 35:/.test(said)
    return {
      reason: said ?? problem ?? causeOf(cause),
      cause: 'machine',
      advice: outdated ? 'Install a newer NVIDIA driver.' : advice,
    }
  }
}

/** @returns what to throw where CUDA was asked for by name and is not to be had */
export const noCuda = (reason: string): CairnError =>
  new CairnError(
    'inference_failed',
    `CUDA cannot be used: ${reason}. Run with "--device cpu", or see "cairn doctor".`,
    { provider: 'cuda' },
  )

/** Longest cause that is told, in UTF-16 units. */
const LONGEST = 300
/** Where a message of onnxruntime says what happened: before it stand signatures of C++, after it expressions. */
const SAID = [/(?:CUDA|CUBLAS|CUDNN) failure \d+: [^;]+/, /(?<=Status Message: )[^]+/]
/** What a message begins with that was thrown by a check in the code. */
const PLACE = /^\S+\.(?:cc|cu|h|cuh):\d+ [^\n]*?\)(?: const)?(?: \[with [^\]]*\])? /

const saidIn = (message: string): string | undefined => {
  const said = SAID.map((pattern) => pattern.exec(message)?.[0]).find((found) => found !== undefined)
  return said?.trim().replace(PLACE, '').split('\n')[0]!.trim().slice(0, LONGEST)
}

/** What a person can act on, of what onnxruntime throws; one line. */
export function causeOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return saidIn(message) ?? message.replace(PLACE, '').trim().split('\n')[0]!.slice(0, LONGEST)
}

/** Says that memory ran out while a model ran, on the graphics card or on the machine. */
export const ranOutOfMemory = (thrown: unknown): boolean =>
  /out of memory|failed to allocate|bad_alloc|BFCArena|_ALLOC(?:ATION)?_FAILED/i.test(
    thrown instanceof Error ? thrown.message : String(thrown),
  )

/**
 * What to throw when a model does not run.
 * @returns details `broken`: what the process has of the graphics card may be of no use any more
 */
export const failed = (model: string, provider: ProviderName, cause: unknown): CairnError =>
  new CairnError(
    'inference_failed',
    `The model ${model} failed: ${causeOf(cause)}`,
    { model, broken: provider === 'cuda' && !ranOutOfMemory(cause) },
    { cause },
  )
