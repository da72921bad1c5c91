import { CairnError } from '#shared/errors.ts'
import { serve } from '#shared/rpc/server.ts'
import { processChannel } from '../channels.ts'
import { loadClassifier, type Classifier } from './classifier.ts'
import { inference } from './protocol.ts'

/** Entry of the inference process: the only one that loads onnxruntime. Ends with its parent. */

let classifier: Classifier | null = null

serve(
  inference,
  {
    async load({ modelDir, device }) {
      const previous = classifier
      classifier = null
      await previous?.release()
      classifier = await loadClassifier(modelDir, device)
      return classifier.info
    },
    classify({ traces }) {
      if (classifier === null) throw new CairnError('model_missing', 'No model is loaded.')
      return classifier.classify(traces)
    },
  },
  processChannel(process as Parameters<typeof processChannel>[0]),
)

process.on('disconnect', () => process.exit(0))
