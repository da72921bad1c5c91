import { CairnError } from '#shared/errors.ts'
import { serve } from '#shared/rpc/server.ts'
import { processChannel } from '../channels.ts'
import { loadClassifier, type Classifier } from './classifier.ts'
import { inference } from './protocol.ts'

/** Entry of the inference process: the only one that loads onnxruntime. Ends with its parent. */

let classifier: Classifier | null = null
let last: Promise<unknown> = Promise.resolve()

/** One piece of work at a time: batches queue up behind each other and behind a load. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = last.then(work)
  last = result.catch(() => undefined)
  return result
}

serve(
  inference,
  {
    load: (request) =>
      inTurn(async () => {
        const previous = classifier
        classifier = null
        await previous?.release()
        classifier = await loadClassifier(request)
        return classifier.info
      }),
    classify: ({ traces }) =>
      inTurn(async () => {
        if (classifier === null) throw new CairnError('model_missing', 'No model is loaded.')
        return classifier.classify(traces)
      }),
  },
  processChannel(process as Parameters<typeof processChannel>[0]),
)

process.on('disconnect', () => process.exit(0))
