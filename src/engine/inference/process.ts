import type { InferenceSession } from 'onnxruntime-node'
import type { ProviderInfo } from '#shared/contract/classify.ts'
import { adapted, type Adaptation } from '#shared/domain/adapt/adaptation.ts'
import { fitAdaptation } from '#shared/domain/adapt/fit.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { fitHeads } from '#shared/domain/learning/fit-heads.ts'
import { fitOwn } from '#shared/domain/learning/own-head.ts'
import { serve } from '#shared/rpc/server.ts'
import { processChannel } from '../channels.ts'
import { applyOwnHead } from './own-heads.ts'
import { CPU_ASKED, openSession } from './provider.ts'
import { inference, type Port, type ClassifiedBatch, type Loading } from './protocol.ts'
import { loadRunner, type Runner } from './runner.ts'

/** Entry of the inference process: the only one that loads onnxruntime. Ends with its parent. */

/** Models kept loaded: enough for a comparison of two. */
const KEPT = 2
/** By folder, the one used last at the end; loaded as `request` says. */
const loaded = new Map<string, { request: Loading; runner: Runner }>()
let last: Promise<unknown> = Promise.resolve()

/** One piece of work at a time: onnxruntime uses all its threads for each. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = last.then(work)
  last = result.catch(() => undefined)
  return result
}

/** Whether a model that was loaded as one request says is what another asks for. */
function serves({ request, runner }: { request: Loading; runner: Runner }, wanted: Loading): boolean {
  const rest = ({ version, threads, precision, batch }: Loading) =>
    JSON.stringify([version, threads, precision, batch])
  const { provider } = runner.info
  return (
    rest(request) === rest(wanted) &&
    (wanted.device === request.device ||
      wanted.device === provider ||
      (wanted.device === 'auto' && provider === 'cuda'))
  )
}

async function modelOf(wanted: Loading): Promise<Runner> {
  const known = loaded.get(wanted.modelDir)
  if (known !== undefined && serves(known, wanted)) {
    loaded.delete(wanted.modelDir)
    loaded.set(wanted.modelDir, known)
    return known.runner
  }
  const outdated = known === undefined && loaded.size >= KEPT ? loaded.keys().next().value! : wanted.modelDir
  const former = loaded.get(outdated)
  loaded.delete(outdated)
  await former?.runner.release()
  const runner = await loadRunner(wanted)
  loaded.set(wanted.modelDir, { request: wanted, runner })
  return runner
}

/** Where a model runs; one that is there already is, for who asks for the CPU, there for that reason. */
async function placeOf(request: Loading): Promise<ProviderInfo> {
  const { info } = await modelOf(request)
  if (request.device !== 'cpu') return info
  return { ...info, ...CPU_ASKED, cause: info.cause === 'model' ? 'model' : 'asked' }
}

/** Each trace by itself: what is learnt reads the steps before and after. */
function adaptedBatch(batch: ClassifiedBatch, adaptation: Adaptation): ClassifiedBatch {
  const probabilities = new Float32Array(batch.probabilities.length)
  let at = 0
  for (const steps of batch.steps) {
    const own = batch.probabilities.subarray(at, at + steps * BEHAVIOURS.length)
    probabilities.set(adapted(own, adaptation), at)
    at += own.length
  }
  return { ...batch, probabilities }
}

const portOf = (port: InferenceSession.ValueMetadata): Port => ({
  name: port.name,
  type: port.isTensor ? port.type : 'no tensor',
  shape: port.isTensor ? [...port.shape] : [],
})

serve(
  inference,
  {
    load: (request) => inTurn(() => placeOf(request)),
    classify: ({ model, traces }) =>
      inTurn(async () => {
        const { adaptation } = model
        const classifier = await modelOf(model)
        if (adaptation !== null && 'heads' in adaptation) return classifier.classify(traces, adaptation.heads)
        const batch = await classifier.classify(traces)
        return adaptation === null ? batch : adaptedBatch(batch, adaptation)
      }),
    look: ({ model, traces }) => inTurn(async () => (await modelOf(model)).look(traces)),
    applyOwn: ({ model, traces, head, width }) =>
      inTurn(async () => applyOwnHead(head, await (await modelOf(model)).look(traces), width)),
    learnOwn: ({ width, traces }) => inTurn(async () => fitOwn(width, traces)),
    embed: ({ model, traces }) => inTurn(async () => (await modelOf(model)).embed(traces)),
    score: ({ model, traces }) => inTurn(async () => (await modelOf(model)).score(traces)),
    inspect: ({ file }) =>
      inTurn(async () => {
        const { session } = await openSession(() => file, 'cpu', null)
        const ports = [session.inputMetadata, session.outputMetadata].map((all) => all.map(portOf))
        await session.release()
        return { inputs: ports[0]!, outputs: ports[1]! }
      }),
    learn: ({ traces, thresholds }) => inTurn(async () => fitAdaptation(traces, thresholds)),
    learnHeads: ({ heads, traces, thresholds }) => inTurn(async () => fitHeads(heads, traces, thresholds)),
  },
  processChannel(process as Parameters<typeof processChannel>[0]),
)

process.on('disconnect', () => process.exit(0))
