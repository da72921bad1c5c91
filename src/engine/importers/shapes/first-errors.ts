import type { Json, TraceDraft } from '#shared/domain/trace.ts'
import { toKey, toReference, toText } from './support/coerce.ts'
import { eachOf } from './support/each.ts'
import { isList, isObject, own, ownText, without, type JsonObject } from './support/record.ts'
import { kindOf, noResponse, rejection } from './support/reject.ts'
import { blankTrace, codedShape, share } from './support/shape.ts'

const STEPS = 'Model_Solution_Steps'

function isRow(record: JsonObject): boolean {
  return Object.hasOwn(record, STEPS) && Object.hasOwn(record, 'Question')
}

interface Row {
  value: Json
  /** Its path in the record; empty where it is the record. */
  path: string
}

function rowsIn(record: JsonObject): Row[] {
  return Object.entries(record).flatMap(([id, rows]) =>
    isList(rows) ? rows.map((value, at) => ({ value, path: `${id}[${at}]` })) : [],
  )
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
      (record) =>
        isRow(record) ||
        (Object.keys(record).length > 0 &&
          rowsIn(record).some(({ value }) => isObject(value) && isRow(value))),
    ),
  read(record) {
    const rows = isRow(record) ? [{ value: record, path: '' }] : rowsIn(record)
    if (rows.length === 0) throw rejection('no_response', noResponse(STEPS, 'nothing'))
    return eachOf(rows, ({ value, path }) => {
      if (!isObject(value)) return noResponse(path, kindOf(value))
      const steps = own(value, STEPS)
      const response = toText(steps)
      return response === null
        ? noResponse(path === '' ? STEPS : `${path}.${STEPS}`, kindOf(steps))
        : traceOf(value, response)
    })
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
