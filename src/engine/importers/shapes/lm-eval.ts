import { createHash } from 'node:crypto'
import type { Json } from '#shared/domain/trace.ts'
import { toBoolean, toKey, toNumber, toReference } from './support/coerce.ts'
import { asConversation, promptText, readMessages } from './support/conversation.ts'
import { eachOf } from './support/each.ts'
import { isList, isObject, own, ownList, ownObject, without, type JsonObject } from './support/record.ts'
import { kindOf, noResponse, rejection } from './support/reject.ts'
import { blankTrace, codedShape, share } from './support/shape.ts'

/** Metrics that say whether the answer is right, in order of preference. */
const VERDICTS = ['exact_match', 'acc', 'correct', 'em', 'math_verify', 'pass@1', 'pass_at_1', 'acc_norm']

/**
 * Samples of the lm-evaluation-harness (`samples_<task>_<time>.jsonl`): the rendered request is the
 * prompt (chat JSON becomes messages), every response in `resps` a trace, the task's document and the
 * filtered answers metadata. A verdict is that of the record's one response; with several responses the
 * metric belongs to all together and stays in the metadata. Tasks with several filters (ways to extract the answer)
 * write every document once a filter, with the same responses: the first filter of each document is read.
 */
export const lmEval = codedShape({
  id: 'lm_eval',
  title: 'lm-evaluation-harness samples',
  remembers: true,
  detect: (sample) =>
    0.95 *
    share(
      sample,
      (record) =>
        isList(own(record, 'resps')) &&
        own(record, 'arguments') !== undefined &&
        own(record, 'doc') !== undefined,
    ),
  read(record, context) {
    const filter = own(record, 'filter')
    if (typeof filter === 'string') {
      const asked = askedIn(record)
      const first = (context.state.get(asked) ?? filter) as string
      context.state.set(asked, first)
      if (first !== filter)
        return { passedOver: `records of filter ${filter}: the same responses as of ${first}` }
    }
    const responses = leavesIn(own(record, 'resps'))
    if (responses === null || responses.length === 0) {
      throw rejection(
        'no_response',
        noResponse('resps', 'no generated text (a log-likelihood task has none)'),
      )
    }
    const request = requestOf(record)
    const verdict = responses.length === 1 ? verdictOf(record) : null
    const metadata = without(record, [
      ...(toKey(own(record, 'doc_id')) === null ? [] : ['doc_id']),
      'resps',
      ...(isReference(record) ? ['target'] : []),
      ...(verdict === null ? [] : [verdict.name]),
      'arguments',
    ])
    if (request.rest !== null) metadata['arguments'] = request.rest
    const turns = asConversation(request.text)
    const messages = turns === null ? null : readMessages(turns).messages
    const prompt = messages === null ? (request.text ?? '') : promptText(messages)
    return eachOf(responses, (response, sample) => {
      if (typeof response !== 'string') return noResponse(`resps[${sample}]`, kindOf(response))
      return {
        ...blankTrace(prompt, response, metadata),
        key: toKey(own(record, 'doc_id')),
        sample,
        messages,
        reference: toReference(own(record, 'target')),
        reward: verdict?.value ?? null,
        correct: verdict === null ? null : toBoolean(verdict.value),
      }
    })
  },
})

/** Names what was asked and answered, whatever the filter: a file may hold several tasks, of filters of their own. */
function askedIn(record: JsonObject): string {
  const asked = [own(record, 'doc_id'), own(record, 'doc'), own(record, 'arguments'), own(record, 'resps')]
  return createHash('sha256').update(JSON.stringify(asked)).digest('base64')
}

function isReference(record: JsonObject): boolean {
  const target = own(record, 'target')
  return target === null || typeof target !== 'object'
}

/** What stands in nested lists, in order; null when there are numbers: log-likelihoods, which have no text. */
function leavesIn(value: Json | undefined): Json[] | null {
  if (value === undefined || typeof value === 'number' || typeof value === 'boolean') return null
  if (!isList(value)) return [value]
  // A log-likelihood is ["-1.25", "False"] or [-1.25, false]: numbers and truth values, no text.
  if (value.length === 2 && toNumber(value[0]) !== null && isTruth(value[1])) return null
  const leaves: Json[] = []
  for (const item of value) {
    const inner = leavesIn(item)
    if (inner === null) return null
    for (const leaf of inner) leaves.push(leaf)
  }
  return leaves
}

/** Two short answers may be a number and a 1, which is no truth value of Python's. */
function isTruth(value: Json | undefined): boolean {
  return typeof value === 'boolean' || value === 'True' || value === 'False'
}

/** The request text and what else the arguments hold, in either layout of the harness. */
function requestOf(record: JsonObject): { text: string | null; rest: Json | null } {
  const given = own(record, 'arguments')
  if (isObject(given)) {
    const name = Object.keys(given)[0]
    const first = name === undefined ? null : ownObject(given, name)
    const text = first === null ? undefined : own(first, 'arg_0')
    if (name === undefined || first === null || typeof text !== 'string') return { text: null, rest: given }
    return { text, rest: { ...without(given, [name]), [name]: restOf(text, first, 'arg_0') } }
  }
  if (!isList(given)) return { text: null, rest: given ?? null }
  const first = isList(given[0]) ? given[0] : given
  const text = first[0]
  return {
    text: typeof text === 'string' ? text : null,
    rest: typeof text === 'string' ? given.map((one) => withoutText(one, text)) : given,
  }
}

/** Chat JSON is kept as it was sent, because messages hold less than it. */
function restOf(text: string, argument: JsonObject, key: string): JsonObject {
  return asConversation(text) === null ? without(argument, [key]) : argument
}

function withoutText(one: Json, text: string): Json {
  if (one === text) return null
  return isList(one) ? one.map((part) => (part === text && asConversation(text) === null ? null : part)) : one
}

function verdictOf(record: JsonObject): { name: string; value: number } | null {
  const metrics = (ownList(record, 'metrics') ?? []).filter((name) => typeof name === 'string')
  const known = VERDICTS.flatMap((name) => [
    name,
    ...Object.keys(record).filter((key) => key.startsWith(`${name},`)),
  ])
  for (const name of [...known, ...(metrics.length === 1 ? metrics : [])]) {
    const value = toNumber(own(record, name))
    if (value !== null) return { name, value }
  }
  return null
}
