import type { Json } from '#shared/domain/trace.ts'
import { toInteger, toKey } from './support/coerce.ts'
import { messageText } from './support/conversation.ts'
import { eachOf } from './support/each.ts'
import { isObject, own, ownList, ownObject, ownText, without, type JsonObject } from './support/record.ts'
import { kindOf, noResponse, rejection } from './support/reject.ts'
import { blankTrace, codedShape, share } from './support/shape.ts'

interface Choice {
  text: string | null
  truncated: boolean | null
  /** What of the choice is not in the text. */
  rest: JsonObject
}

/**
 * Output files of the OpenAI Batch API (chat, completions and responses endpoints; vLLM writes the
 * same): one trace a choice, none for a request that failed. The file has no prompts; the run is the
 * model that answered.
 */
export const openaiBatch = codedShape({
  id: 'openai_batch',
  title: 'OpenAI batch output',
  detect: (sample) =>
    0.95 *
    share(
      sample,
      (record) =>
        toKey(own(record, 'custom_id')) !== null &&
        (Object.hasOwn(record, 'response') || Object.hasOwn(record, 'error')),
    ),
  read(record) {
    const response = ownObject(record, 'response')
    const body = response === null ? null : ownObject(response, 'body')
    const problem = failureOf(record, response, body)
    if (problem !== null) throw rejection('invalid_record', problem)
    const choices = body === null ? [] : choicesOf(body)
    if (body === null || choices.length === 0)
      throw rejection('no_response', noResponse('response.body.choices', 'no choices'))
    const usage = ownObject(body, 'usage') ?? {}
    const tokens = toInteger(own(usage, 'completion_tokens') ?? own(usage, 'output_tokens'))
    return eachOf(choices, (choice, index) => {
      if (choice.text === null) return noResponse(`response.body.choices[${index}].message.content`, 'null')
      const rest = without(body, ['choices', 'output', 'model'])
      const metadata = {
        ...without(record, ['custom_id', 'response']),
        response: { ...without(response ?? {}, ['body']), body: rest },
        choice: choice.rest,
      }
      return {
        ...blankTrace('', choice.text, metadata),
        run: ownText(body, 'model'),
        key: toKey(own(record, 'custom_id')),
        sample: index,
        truncated: choice.truncated,
        tokens: choices.length === 1 ? tokens : null,
      }
    })
  },
})

/** The API's own words for a request that failed, or null. */
function failureOf(record: JsonObject, response: JsonObject | null, body: JsonObject | null): string | null {
  const status = response === null ? null : toInteger(own(response, 'status_code'))
  const error = own(record, 'error') ?? (body === null ? null : own(body, 'error')) ?? null
  if (error === null && (status === null || status < 400)) return null
  const said = isObject(error)
    ? (ownText(error, 'message') ?? ownText(error, 'code') ?? JSON.stringify(error))
    : error
  const detail = typeof said === 'string' ? said : `the API gave ${kindOf(said)} as reason`
  return `The request failed${status === null ? '' : ` (status ${status})`}: ${detail}`
}

function choicesOf(body: JsonObject): Choice[] {
  const choices = ownList(body, 'choices')
  if (choices !== null)
    return choices.map((choice) =>
      isObject(choice) ? choiceOf(choice) : { text: null, truncated: null, rest: {} },
    )
  const output = ownList(body, 'output')
  return output === null ? [] : [outputOf(body, output)]
}

function choiceOf(choice: JsonObject): Choice {
  const reason = ownText(choice, 'finish_reason')
  const truncated = reason === null ? null : reason === 'length'
  const message = ownObject(choice, 'message')
  if (message === null) return { text: ownText(choice, 'text'), truncated, rest: without(choice, ['text']) }
  const calls = ownList(message, 'tool_calls')
  const text = messageText(message) ?? (calls !== null && calls.length > 0 ? '' : null)
  const plain =
    typeof own(message, 'content') === 'string' &&
    !Object.hasOwn(message, 'reasoning_content') &&
    !Object.hasOwn(message, 'reasoning')
  return {
    text,
    truncated,
    rest: { ...without(choice, ['message']), message: plain ? without(message, ['content']) : message },
  }
}

/** The Responses API: items of type reasoning (summaries) and message (parts of type output_text). */
function outputOf(body: JsonObject, output: readonly Json[]): Choice {
  const items = output.filter(isObject)
  const textsOf = (type: string, field: string): string[] =>
    items
      .filter((item) => item['type'] === type)
      .flatMap((item) => ownList(item, field) ?? [])
      .flatMap((part) => (isObject(part) ? [ownText(part, 'text') ?? ''] : []))
  const content = textsOf('message', 'content')
  const reasoning = [...textsOf('reasoning', 'summary'), ...textsOf('reasoning', 'content')].join('\n\n')
  const text = messageText({
    role: 'assistant',
    reasoning,
    content: content.length === 0 ? null : content.join(''),
  })
  return { text, truncated: own(body, 'status') === 'incomplete' ? true : null, rest: { output } }
}
