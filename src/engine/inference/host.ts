import { fork, type ChildProcess } from 'node:child_process'
import type { ProviderInfo } from '#shared/contract/classify.ts'
import type { Learned, LearningTrace } from '#shared/domain/adapt/fit.ts'
import { CairnError } from '#shared/errors.ts'
import { connect, type Client } from '#shared/rpc/client.ts'
import { processChannel } from '../channels.ts'
import type { HeadTrace, LearnedHeads } from '#shared/domain/learning/fit-heads.ts'
import type { LearnedOwn, OwnTrace } from '#shared/domain/learning/own-head.ts'
import type { OwnHeadFile } from './own-heads.ts'
import type { SegmentedTrace, StepLook } from './step-model.ts'
import type { ClassifiedBatch, EncodedBatch, inference, LoadRequest, Port, ScoredBatch } from './protocol.ts'

type Texts = readonly { prompt: string; response: string }[]

/** A model that runs somewhere, whichever others run beside it. */
export interface LoadedModel {
  readonly info: ProviderInfo
  /**
   * Classifies a batch; up to `info.processes` of them run at once, more queue up. A process that dies is started
   * again and the batch given to the new one, until `DEATHS` have followed each other without a batch done in between;
   * so is one whose graphics card failed, once. All run where the first one was loaded, `info.provider`.
   * @throws CairnError `inference_crashed` when it keeps dying, `inference_failed` when the model refuses, `cancelled`
   */
  classify(traces: Texts): Promise<ClassifiedBatch>
  /** What its ensemble reads and says of steps that are cut already; in turn with other work. */
  look(traces: readonly SegmentedTrace[]): Promise<StepLook[]>
  /** What a head that reads its features says of steps that are cut already. */
  applyOwn(traces: readonly SegmentedTrace[], head: OwnHeadFile, width: number): Promise<Float32Array[]>
  /** Makes a vector of each step; the rest as `classify`. */
  embed(traces: Texts): Promise<EncodedBatch>
  /** Says how surprising each token is; the rest as `classify`. */
  score(traces: Texts): Promise<ScoredBatch>
}

export interface InferenceHost {
  /**
   * Loads a model.
   * @param signal ends all that is done with it, at once: processes that are busy with it are ended, and what others
   *   have there is given to new ones
   * @throws CairnError `model_missing`, `model_invalid`, `inference_failed`, `inference_crashed`, `cancelled`
   */
  load(request: LoadRequest, signal?: AbortSignal): Promise<LoadedModel>
  /**
   * The inputs and outputs of an ONNX file of unknown origin: it is loaded in a process of its own kind.
   * @throws CairnError `model_invalid`, `inference_crashed`
   */
  inspect(file: string): Promise<{ inputs: Port[]; outputs: Port[] }>
  /** Learns an adaptation from a person's labels, off this thread. */
  learn(traces: LearningTrace[], thresholds: readonly number[], signal?: AbortSignal): Promise<Learned>
  /** Reweights so many heads of an ensemble by a person's labels, off this thread. */
  learnHeads(
    heads: number,
    traces: HeadTrace[],
    thresholds: readonly number[],
    signal?: AbortSignal,
  ): Promise<LearnedHeads>
  /** Trains a head for a behaviour of a person's own, off this thread. */
  learnOwn(width: number, traces: OwnTrace[], signal?: AbortSignal): Promise<LearnedOwn>
  /** Has everything that begins from now on run in new processes; what runs is finished in the old ones. */
  renew(): void
  /** Id of the process that was started first of those that run, for tests that kill it; null when none runs. */
  pid(): number | null
  /** Ends the processes, whatever they are at. */
  close(): void
}

/** A process that dies this often without finishing a single batch in between does so for a reason. */
const DEATHS = 6

interface Running {
  child: ChildProcess
  client: Client<typeof inference, object>
  /** Pieces of work it has not answered yet. */
  waiting: number
  /** It takes no more work, and ends when it has none. */
  outdated: boolean
}

/** Keeps inference processes alive: onnxruntime blocks its thread and can take its process down. */
export function createInferenceHost(entry: string): InferenceHost {
  const running = new Set<Running>()
  /** Processes that died since a batch was last finished. */
  let deaths = 0
  let closed = false

  const start = (): Running => {
    const child = fork(entry, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    child.on('error', () => undefined)
    const started = {
      child,
      client: connect<typeof inference, object>(processChannel(child)),
      waiting: 0,
      outdated: false,
    }
    child.on('exit', () => {
      if (running.delete(started)) deaths++
      started.client.close()
    })
    running.add(started)
    return started
  }

  /** The process with least to do; another one is started while all are busy and there may be more. */
  const pick = (most: number): Running => {
    const current = [...running].filter(({ outdated }) => !outdated)
    const free = current.slice(0, most).sort((a, b) => a.waiting - b.waiting)[0]
    return free === undefined || (free.waiting > 0 && current.length < most) ? start() : free
  }

  /** Ends a process on purpose; what waits for it hears that it is gone. */
  const end = (one: Running) => {
    running.delete(one)
    one.client.close()
    one.child.kill('SIGKILL')
  }

  const withRetries = async <T>(
    most: number,
    work: (client: Running['client']) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> => {
    for (let failures = 0; ;) {
      if (signal?.aborted) throw new CairnError('cancelled', 'Stopped. What was done is kept.')
      // Work that goes on after the end, as a cancelled job's, starts no process that nobody would end.
      if (closed) throw new CairnError('disconnected', 'The engine is closing. What was done is kept.')
      const current = pick(most)
      const stop = () => end(current)
      signal?.addEventListener('abort', stop)
      current.waiting++
      try {
        const result = await work(current.client)
        deaths = 0
        return result
      } catch (thrown) {
        if (signal?.aborted) continue
        if (!(thrown instanceof CairnError)) throw thrown
        if (thrown.details['broken'] === true) {
          if (running.has(current)) deaths++
          end(current)
          if (++failures > 1) throw thrown
          continue
        }
        if (thrown.code !== 'disconnected') throw thrown
        if (running.delete(current)) deaths++
        current.child.kill('SIGKILL')
        if (deaths < DEATHS) continue
        const error = new CairnError(
          'inference_crashed',
          `The inference process ended ${deaths} times in a row without finishing a batch. What was classified is kept; resume to try again, on the CPU with "--device cpu" if this was the GPU.`,
          { deaths },
          { cause: thrown },
        )
        deaths = 0
        throw error
      } finally {
        current.waiting--
        if (current.outdated && current.waiting === 0) end(current)
        signal?.removeEventListener('abort', stop)
      }
    }
  }

  return {
    async load(request, signal) {
      const info = await withRetries(1, (client) => client.call('load', request), signal)
      const model = { ...request, device: info.provider }
      const run = <T>(work: (client: Running['client']) => Promise<T>) =>
        withRetries(info.processes, work, signal)
      return {
        info,
        classify: (traces) => run((client) => client.call('classify', { model, traces: [...traces] })),
        look: (traces) => run((client) => client.call('look', { model, traces: [...traces] })),
        applyOwn: (traces, head, width) =>
          run((client) => client.call('applyOwn', { model, traces: [...traces], head, width })),
        embed: (traces) => run((client) => client.call('embed', { model, traces: [...traces] })),
        score: (traces) => run((client) => client.call('score', { model, traces: [...traces] })),
      }
    },
    inspect: (file) => withRetries(1, (client) => client.call('inspect', { file })),
    learn: (traces, thresholds, signal) =>
      withRetries(1, (client) => client.call('learn', { traces, thresholds: [...thresholds] }), signal),
    learnHeads: (heads, traces, thresholds, signal) =>
      withRetries(
        1,
        (client) => client.call('learnHeads', { heads, traces, thresholds: [...thresholds] }),
        signal,
      ),
    learnOwn: (width, traces, signal) =>
      withRetries(1, (client) => client.call('learnOwn', { width, traces }), signal),
    renew() {
      for (const one of running) one.outdated = true
      for (const one of [...running]) if (one.waiting === 0) end(one)
    },
    pid: () => running.values().next().value?.child.pid ?? null,
    close() {
      closed = true
      for (const one of [...running]) end(one)
    },
  }
}
