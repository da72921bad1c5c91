import type { Json } from '#shared/domain/trace.ts'
import { toNumber, toReference } from './support/coerce.ts'
import { eachOf, type Elements } from './support/each.ts'
import { isList, isObject, own, ownList, ownText, put, without, type JsonObject } from './support/record.ts'
import { kindOf, noResponse, rejection } from './support/reject.ts'
import { blankTrace, codedShape, documentOf, share } from './support/shape.ts'

function isResult(record: JsonObject): boolean {
  const first = ownList(record, 'completions')?.[0]
  return isObject(first) && Object.hasOwn(first, 'full_model_response')
}

/**
 * reasoning-gym evaluations: `results` of one question with several completions, each a trace. The
 * score is the reward; full marks (1) are correct. The data set's name and configuration go to
 * `metadata.dataset`, its system prompt to the messages.
 */
export const reasoningGym = codedShape({
  id: 'reasoning_gym',
  title: 'reasoning-gym results',
  document: 'placed',
  detect: (sample) =>
    0.95 *
    share(
      sample,
      (record) => isResult(record) || (ownList(record, 'results') ?? []).filter(isObject).some(isResult),
    ),
  read(record, context) {
    const results = ownList(record, 'results')
    if (results === null) return readResult(record, documentOf(context))
    const document = without(record, ['results'])
    const read = results.map((result, at): Elements => {
      if (isObject(result) && hasCompletions(result)) return readResult(result, document, `results[${at}].`)
      const completions = isObject(result) ? own(result, 'completions') : undefined
      const message = noResponse(`results[${at}].completions`, kindOf(completions))
      return { traces: [], rejects: [{ code: 'no_response', message }] }
    })
    return { traces: read.flatMap(({ traces }) => traces), rejects: read.flatMap(({ rejects }) => rejects) }
  },
})

function hasCompletions(result: JsonObject): boolean {
  return (ownList(result, 'completions') ?? []).length > 0
}

/** @param path of the result in its record, up to the names of its fields */
function readResult(result: JsonObject, document: JsonObject | null, path = ''): Elements {
  const completions = own(result, 'completions')
  if (!isList(completions) || completions.length === 0) {
    throw rejection('no_response', noResponse('completions', kindOf(completions)))
  }
  const question = ownText(result, 'question') ?? ''
  const system = document === null ? null : ownText(document, 'system_prompt')
  const best = ownText(result, 'best_full_model_response')
  const dataset = document === null ? null : without(document, system === null ? [] : ['system_prompt'])
  return eachOf(completions, (completion, sample) => {
    const response = isObject(completion) ? own(completion, 'full_model_response') : undefined
    if (!isObject(completion) || typeof response !== 'string')
      return noResponse(`${path}completions[${sample}].full_model_response`, kindOf(response))
    const score = toNumber(own(completion, 'score'))
    const repeated = completions.some(
      (other) => isObject(other) && own(other, 'full_model_response') === best,
    )
    const taken = [
      'question',
      'expected_answer',
      'completions',
      ...(repeated ? ['best_full_model_response'] : []),
    ]
    const metadata: Record<string, Json> = without(result, taken)
    for (const [key, value] of Object.entries(
      without(completion, ['full_model_response', ...(score === null ? [] : ['score'])]),
    )) {
      put(metadata, key, value)
    }
    if (repeated) metadata['best'] = response === best
    if (dataset !== null) metadata['dataset'] = dataset
    return {
      ...blankTrace(question, response, metadata),
      sample,
      messages:
        system === null
          ? null
          : [
              { role: 'system', content: system },
              { role: 'user', content: question },
            ],
      reference: toReference(own(result, 'expected_answer')),
      reward: score,
      correct: score === null ? null : score >= 1,
    }
  })
}
