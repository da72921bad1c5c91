import { blankTrace, codedShape, share } from './support/shape.ts'
import { noResponse, kindOf, rejection } from './support/reject.ts'
import { own, ownText, without } from './support/record.ts'

/**
 * Alpaca: instruction, optional input, output. The prompt is the instruction, then a blank line and the
 * input when there is one; both then stay in the metadata, because the joint is not in the text.
 */
export const alpaca = codedShape({
  id: 'alpaca',
  title: 'Alpaca instructions',
  detect: (sample) =>
    0.85 *
    share(
      sample,
      (record) =>
        ownText(record, 'instruction') !== null &&
        own(record, 'output') !== undefined &&
        (ownText(record, 'input') !== null || Object.keys(record).length <= 3),
    ),
  read(record) {
    const output = own(record, 'output')
    if (typeof output !== 'string') throw rejection('no_response', noResponse('output', kindOf(output)))
    const instruction = ownText(record, 'instruction') ?? ''
    const input = ownText(record, 'input') ?? ''
    const prompt = input === '' ? instruction : `${instruction}\n\n${input}`
    const taken =
      input === '' && (own(record, 'input') ?? '') === '' ? ['instruction', 'input', 'output'] : ['output']
    return { traces: [blankTrace(prompt, output, without(record, taken))] }
  },
})
