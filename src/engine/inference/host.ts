import { fork, type ChildProcess } from 'node:child_process'
import type { Device, ProviderInfo } from '#shared/contract/classify.ts'
import { CairnError } from '#shared/errors.ts'
import { connect, type Client } from '#shared/rpc/client.ts'
import { processChannel } from '../channels.ts'
import type { ClassifiedBatch, inference, LoadRequest } from './protocol.ts'

export interface InferenceHost {
  /**
   * Loads a model; `threads` as in `ProviderInfo`.
   * @throws CairnError `model_missing`, `model_invalid`, `inference_crashed`
   */
  load(modelDir: string, device: Device, threads?: number | null): Promise<ProviderInfo>
  /**
   * Classifies with the model loaded last; calls queue up. A process that dies is started again and the batch given
   * to the new one, until `DEATHS` have followed each other without a batch done in between.
   * @throws CairnError `inference_crashed` when it keeps dying, `inference_failed` when the model refuses
   */
  classify(traces: readonly { prompt: string; response: string }[]): Promise<ClassifiedBatch>
  /** Process id of the running process, for tests that kill it; null when none runs. */
  pid(): number | null
  close(): void
}

/** A process that dies this often without finishing a single batch in between does so for a reason. */
const DEATHS = 6

interface Running {
  child: ChildProcess
  client: Client<typeof inference, object>
  /** Settles when a process that replaces a dead one has the model again. */
  ready: Promise<unknown>
}

/** Keeps one inference process alive: onnxruntime blocks its thread and can take its process down. */
export function createInferenceHost(entry: string): InferenceHost {
  let running: Running | null = null
  let loaded: LoadRequest | null = null
  /** Processes that died since a batch was last finished. */
  let deaths = 0

  const start = (): Running => {
    const child = fork(entry, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      // onnxruntime's Node build collects usage data unless told not to; Cairn has no telemetry.
      env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
    })
    child.on('error', () => undefined)
    const client = connect<typeof inference, object>(processChannel(child))
    const ready = loaded === null ? Promise.resolve() : client.call('load', loaded)
    ready.catch(() => undefined)
    const started = { child, client, ready }
    child.on('exit', () => {
      if (running === started) running = null
      deaths++
      client.close()
    })
    return started
  }

  const withRetries = async <T>(work: (client: Running['client']) => Promise<T>): Promise<T> => {
    for (;;) {
      const current = (running ??= start())
      try {
        await current.ready
        const result = await work(current.client)
        deaths = 0
        return result
      } catch (thrown) {
        if (!(thrown instanceof CairnError) || thrown.code !== 'disconnected') throw thrown
        if (running === current) running = null
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
      }
    }
  }

  return {
    async load(modelDir, device, threads = null) {
      const request = { modelDir, device, threads }
      const info = await withRetries((client) => client.call('load', request))
      loaded = request
      return info
    },
    classify: (traces) => withRetries((client) => client.call('classify', { traces: [...traces] })),
    pid: () => running?.child.pid ?? null,
    close() {
      running?.client.close()
      running?.child.kill()
      running = null
    },
  }
}
