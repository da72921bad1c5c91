import { mappingShape, share } from './support/shape.ts'
import { isList, own, ownText } from './support/record.ts'

/**
 * Labelled rows: a text with steps and annotations whose offsets are Unicode code points. They stay
 * together in `metadata.cairn_labels` for the label importer. The run is the record's model.
 */
export const labelledRows = mappingShape({
  id: 'labelled_rows',
  title: 'Labelled traces (text, steps, annotations)',
  detect: (sample) =>
    0.95 *
    share(
      sample,
      (record) =>
        ownText(record, 'text') !== null &&
        isList(own(record, 'steps')) &&
        isList(own(record, 'annotations')),
    ),
  fields: () => ({ run: 'model', key: 'id', prompt: 'prompt', response: 'text', correct: 'correct' }),
  adjust: (trace, record) => {
    const { steps: _steps, annotations: _annotations, ...metadata } = trace.metadata
    const cairn_labels = { steps: own(record, 'steps') ?? [], annotations: own(record, 'annotations') ?? [] }
    return { ...trace, metadata: { ...metadata, cairn_labels } }
  },
})
