import type { TraceDraft } from '#shared/domain/trace.ts'
import type { RejectCode } from '../types.ts'
import { toKey, toReference, toText } from './support/coerce.ts'
import { isList, isObject, own, ownText, without, type JsonObject } from './support/record.ts'
import { kindOf, noResponse, rejection } from './support/reject.ts'
import { blankTrace, codedShape, share } from './support/shape.ts'

function isRow(record: JsonObject): boolean {
  return Object.hasOwn(record, 'Model_Solution_Steps') && Object.hasOwn(record, 'Question')
}

function rowsIn(record: JsonObject): JsonObject[] {
  return Object.values(record).flatMap((value) => (isList(value) ? value.filter(isObject) : []))
}

/**
 * Mr-Ben: solutions in steps with the first wrong step, its reason and mending; one row a solution, or
 * one object of question id → rows. The response is the steps, one a line; the list stays in the
 * metadata with the labels.
 */
export const firstErrors = codedShape({
  id: 'mr_ben',
  title: 'Mr-Ben solutions with first wrong step',
  detect: (sample) =>
    0.95 *
    share(
      sample,
      (record) => isRow(record) || (Object.keys(record).length > 0 && rowsIn(record).some(isRow)),
    ),
  read(record) {
    const traces: TraceDraft[] = []
    const rejects: { code: RejectCode; message: string }[] = []
    for (const row of isRow(record) ? [record] : rowsIn(record)) {
      const steps = own(row, 'Model_Solution_Steps')
      const response = toText(steps)
      if (response === null)
        rejects.push({ code: 'no_response', message: noResponse('Model_Solution_Steps', kindOf(steps)) })
      else traces.push(traceOf(row, response))
    }
    if (traces.length + rejects.length === 0)
      throw rejection('no_response', noResponse('Model_Solution_Steps', 'nothing'))
    return { traces, rejects }
  },
})

function traceOf(row: JsonObject, response: string): TraceDraft {
  const options = ownText(row, 'Options') ?? ''
  const verdict = ownText(row, 'Model_Solution_Correctness')
  const judged = verdict === 'correct' || verdict === 'incorrect'
  const question = ownText(row, 'Question') ?? ''
  return {
    ...blankTrace(options === '' ? question : `${question}\n${options}`, response, {
      ...without(row, [
        'Question_UUID',
        'Sampled_Model',
        'Ground_Truth_Answer',
        ...(judged ? ['Model_Solution_Correctness'] : []),
      ]),
    }),
    run: ownText(row, 'Sampled_Model'),
    key: toKey(own(row, 'Question_UUID')),
    reference: toReference(own(row, 'Ground_Truth_Answer')),
    correct: judged ? verdict === 'correct' : null,
  }
}
