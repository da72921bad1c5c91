import { blankTrace, codedShape, share } from './support/shape.ts'
import { kindOf, noResponse, rejection } from './support/reject.ts'
import { own, without } from './support/record.ts'

/** A plain text file: the whole of it is one response. */
export const plainText = codedShape({
  id: 'plain_text',
  title: 'Plain text',
  detect: (sample, { container }) =>
    container === 'text'
      ? 0.9
      : 0.5 *
        share(
          sample,
          (record) => Object.keys(record).length === 1 && typeof own(record, 'text') === 'string',
        ),
  read(record) {
    const text = own(record, 'text')
    if (typeof text !== 'string') throw rejection('no_response', noResponse('text', kindOf(text)))
    return { traces: [blankTrace('', text, without(record, ['text']))] }
  },
})
