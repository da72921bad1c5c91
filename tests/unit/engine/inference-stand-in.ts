import { existsSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { processChannel } from '#engine/channels.ts'
import { inference, type ClassifiedBatch, type Loading } from '#engine/inference/protocol.ts'
import { failed } from '#engine/inference/provider.ts'
import type { ProviderInfo } from '#shared/contract/classify.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { CairnError } from '#shared/errors.ts'
import { serve } from '#shared/rpc/server.ts'

/**
 * In the place of the inference process, without a model: it does with a trace what the trace says, and finds CUDA
 * until a file `no-cuda` lies in the model's folder.
 */

/** What a batch came of, for tests to look at. */
export interface StandInBatch extends ClassifiedBatch {
  pid: number
  device: Loading['device']
}

/** Whether this is the first time, in any process. */
function first(mark: string): boolean {
  if (existsSync(mark)) return false
  writeFileSync(mark, '')
  return true
}

/** From the first time on that it is told so, not even a sentence is read. */
let refusing = false

async function read(response: string, provider: ProviderInfo['provider']): Promise<void> {
  const [word, mark = ''] = response.split(' ')
  const card = new Error('CUDA failure 700: an illegal memory access was encountered ; GPU=0 ; line=1')
  if (word === 'slow') await sleep(120_000)
  if (word === 'slow-once' && first(mark)) await sleep(120_000)
  if (word === 'pause') await sleep(400)
  if (word === 'refuse-all') refusing = true
  if (word === 'crash') process.exit(1)
  if (word === 'crash-once' && first(mark)) process.exit(1)
  if (word === 'refuse' || refusing) throw failed('stand-in', 'cpu', new Error('its shapes do not fit'))
  if (word === 'card-breaks-once' && first(mark)) throw failed('stand-in', provider, card)
  if (word === 'card-breaks') throw failed('stand-in', provider, card)
  if (word === 'card-is-full') throw failed('stand-in', provider, new Error('CUDA out of memory'))
}

let last: Promise<unknown> = Promise.resolve()
const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
  const result = last.then(work)
  last = result.catch(() => undefined)
  return result
}

/** Whether this process has found CUDA: a model that is loaded stays where it is. */
let card: boolean | undefined
const providerOf = ({ device, modelDir }: Loading): ProviderInfo['provider'] => {
  if (device === 'cpu') return 'cpu'
  card ??= !existsSync(`${modelDir}/no-cuda`)
  if (device === 'cuda' && !card) throw new CairnError('inference_failed', 'CUDA cannot be used: it is gone.')
  return card ? 'cuda' : 'cpu'
}
const never = () => Promise.reject(new Error('the stand-in does not do that'))

serve(
  inference,
  {
    load: async (request) => ({
      ...{ provider: providerOf(request), reason: 'a test', cause: null, advice: null },
      ...{ onnxruntime: '', threads: request.threads, processes: 1 },
    }),
    classify: ({ model, traces }) =>
      inTurn(async () => {
        const provider = providerOf(model)
        for (const { response } of traces) await read(response, provider)
        const batch: StandInBatch = {
          bounds: Uint32Array.from(traces.flatMap(({ response }) => [0, response.length])),
          steps: new Uint32Array(traces.length).fill(1),
          probabilities: new Float32Array(traces.length * BEHAVIOURS.length).fill(0.9),
          pid: process.pid,
          device: model.device,
        }
        return batch
      }),
    look: ({ model, traces }) =>
      inTurn(async () => {
        for (const { response } of traces) await read(response, providerOf(model))
        return []
      }),
    ...{ applyOwn: never, learnOwn: never, embed: never, score: never },
    ...{ inspect: never, learn: never, learnHeads: never },
  },
  processChannel(process as Parameters<typeof processChannel>[0]),
)
process.on('disconnect', () => process.exit(0))
