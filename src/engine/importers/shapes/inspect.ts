import type { Json } from '#shared/domain/trace.ts'
import type { ShapeContext } from '../types.ts'
import { toInteger, toKey, toReference } from './support/coerce.ts'
import {
  asConversation,
  messageText,
  promptText,
  readConversation,
  readMessages,
  roleOf,
} from './support/conversation.ts'
import { eachOf } from './support/each.ts'
import {
  isList,
  isObject,
  own,
  ownList,
  ownObject,
  ownText,
  without,
  type JsonObject,
} from './support/record.ts'
import { noResponse, rejection } from './support/reject.ts'
import { blankTrace, codedShape, documentOf, share } from './support/shape.ts'

/**
 * Samples of Inspect logs (`.eval` and `.json`). The log's header comes first; its model is the run
 * and its task, ids and creation time go into every trace (`metadata.eval`), all of it into the first. One trace for each choice
 * of the output; `epoch` is the sample index. A sample that ended in an error before the model said
 * anything is no trace.
 */
export const inspectSamples = codedShape({
  id: 'inspect',
  title: 'Inspect log samples',
  document: 'first',
  detect: (sample, { container }) => {
    const found = share(
      sample,
      (record) =>
        own(record, 'epoch') !== undefined &&
        own(record, 'input') !== undefined &&
        (own(record, 'messages') !== undefined || own(record, 'output') !== undefined),
    )
    return (container === 'inspect_eval' ? 1 : 0.95) * found
  },
  read(record, context) {
    const replies = repliesOf(record)
    if (replies.length === 0) throw rejection('no_response', failureOf(record))
    const conversation = conversationOf(record)
    const input = own(record, 'input')
    const asked = asConversation(input)
    const prompt =
      asked !== null
        ? promptText(readMessages(asked).messages)
        : typeof input === 'string'
          ? unpacked(record, input)
          : promptText(conversation?.before ?? [])
    const verdict = verdictOf(record)
    const epoch = toInteger(own(record, 'epoch'))
    const metadata = metadataOf(record, conversation?.residue ?? null, {
      inputIsChat: asked !== null,
      quoted: replies.some(({ rest }) => rest !== null),
      context,
    })
    const eval_ = evalOf(context)
    return eachOf(replies, (reply, index) => {
      if (reply.text === null) return noResponse(`output.choices[${index}].message.content`, 'no text')
      return {
        ...blankTrace(prompt, unpacked(record, reply.text), {
          ...metadata,
          ...(reply.rest === null ? {} : { choice: reply.rest }),
        }),
        run: eval_ === null ? modelOf(record) : ownText(eval_, 'model'),
        key: toKey(own(record, 'id')),
        // Several choices in one epoch are numbered on, so that no two samples of a prompt coincide.
        sample: epoch === null || replies.length === 1 ? epoch : (epoch - 1) * replies.length + index + 1,
        messages: conversation?.before ?? null,
        reference: toReference(own(record, 'target')),
        reward: verdict.reward,
        correct: verdict.correct,
        truncated: reply.truncated,
        tokens: replies.length === 1 ? tokensOf(record) : null,
      }
    })
  },
})

interface Reply {
  /** Null for a choice without a text. */
  text: string | null
  truncated: boolean | null
  /** What of the choice is not in the text; null when that is all in the messages. */
  rest: JsonObject | null
}

/** The choices of the output when one of them has text; else the last assistant message. */
function repliesOf(record: JsonObject): Reply[] {
  const output = ownObject(record, 'output')
  const replies: Reply[] = []
  for (const choice of output === null ? [] : (ownList(output, 'choices') ?? [])) {
    const message = isObject(choice) ? ownObject(choice, 'message') : null
    const calls = message === null ? null : ownList(message, 'tool_calls')
    const text =
      message === null ? null : (messageText(message) ?? (calls !== null && calls.length > 0 ? '' : null))
    if (!isObject(choice) || message === null || text === null) {
      replies.push({ text: null, truncated: null, rest: null })
      continue
    }
    const reason = ownText(choice, 'stop_reason')
    const truncated =
      reason === null || reason === 'unknown' ? null : reason === 'max_tokens' || reason === 'model_length'
    const plain = typeof own(message, 'content') === 'string' && !Object.hasOwn(message, 'reasoning')
    replies.push({
      text,
      truncated,
      rest: { ...choice, message: plain ? without(message, ['content', 'role']) : message },
    })
  }
  if (replies.some(({ text }) => text !== null && text !== '')) return replies
  const turns = asConversation(own(record, 'messages'))
  const said = turns?.findLast((message) => roleOf(message) === 'assistant')
  const text = said === undefined ? null : messageText(said)
  if (text !== null && text !== '') return [{ text, truncated: null, rest: null }]
  // An empty answer is an answer unless the sample failed.
  return failed(record) ? [] : replies
}

function failed(record: JsonObject): boolean {
  const output = ownObject(record, 'output')
  return (own(record, 'error') ?? (output === null ? null : own(output, 'error')) ?? null) !== null
}

function failureOf(record: JsonObject): string {
  const output = ownObject(record, 'output')
  const error = own(record, 'error') ?? (output === null ? undefined : own(output, 'error')) ?? null
  const said = isObject(error) ? (ownText(error, 'message') ?? JSON.stringify(error)) : toReference(error)
  const nothing = noResponse('output.choices', 'no assistant message')
  return said === null ? nothing : `${nothing} The sample failed: ${said}`
}

const ATTACHMENT = 'attachment://'

/** Long texts of a log may be stored once under `attachments` and referred to. */
function unpacked(record: JsonObject, text: string): string {
  if (!text.startsWith(ATTACHMENT)) return text
  const attachments = ownObject(record, 'attachments')
  return (attachments === null ? null : ownText(attachments, text.slice(ATTACHMENT.length))) ?? text
}

interface Talk {
  before: { role: string; content: string }[]
  residue: readonly Json[] | null
}

function conversationOf(record: JsonObject): Talk | null {
  const turns = asConversation(own(record, 'messages')) ?? asConversation(own(record, 'input'))
  if (turns === null) {
    const input = ownText(record, 'input')
    return input === null
      ? null
      : { before: [{ role: 'user', content: unpacked(record, input) }], residue: null }
  }
  const answered = turns.some((message) => roleOf(message) === 'assistant')
  const talk = answered ? readConversation(turns) : readMessages(turns)
  const before = 'before' in talk ? talk.before : talk.messages
  return {
    before: before.map(({ role, content }) => ({ role, content: unpacked(record, content) })),
    residue: talk.residue,
  }
}

interface Verdict {
  reward: number | null
  correct: boolean | null
}

/** Inspect's own numbers for its letters (`value_to_float`): correct, partial, incorrect, no answer. */
const LETTERS = new Map<string, Verdict>([
  ['C', { reward: 1, correct: true }],
  ['P', { reward: 0.5, correct: null }],
  ['I', { reward: 0, correct: false }],
  ['N', { reward: 0, correct: false }],
])

/** The verdict of the first scorer that gave one; all scores stay in the metadata. */
function verdictOf(record: JsonObject): Verdict {
  const scores = ownObject(record, 'scores')
  const single = own(record, 'score')
  for (const score of [
    ...(scores === null ? [] : Object.values(scores)),
    ...(single === undefined ? [] : [single]),
  ]) {
    const verdict = readScore(isObject(score) ? own(score, 'value') : score)
    if (verdict !== null) return verdict
  }
  return { reward: null, correct: null }
}

function readScore(value: Json | undefined): Verdict | null {
  if (typeof value === 'string') return LETTERS.get(value) ?? null
  if (typeof value === 'boolean') return { reward: value ? 1 : 0, correct: value }
  if (typeof value !== 'number' || !Number.isFinite(value)) return null
  return { reward: value, correct: value === 1 ? true : value === 0 ? false : null }
}

function tokensOf(record: JsonObject): number | null {
  const usage = ownObject(ownObject(record, 'output') ?? {}, 'usage')
  return usage === null ? null : toInteger(own(usage, 'output_tokens'))
}

function modelOf(record: JsonObject): string | null {
  return ownText(ownObject(record, 'output') ?? {}, 'model')
}

function evalOf(context: ShapeContext): JsonObject | null {
  const document = documentOf(context)
  return document === null ? null : ownObject(document, 'eval')
}

const EVAL_FACTS = ['task', 'task_id', 'task_version', 'run_id', 'eval_id', 'created', 'dataset']

function metadataOf(
  record: JsonObject,
  residue: readonly Json[] | null,
  { inputIsChat, quoted, context }: { inputIsChat: boolean; quoted: boolean; context: ShapeContext },
): Record<string, Json> {
  const hasMessages = asConversation(own(record, 'messages')) !== null
  const inputSaid = !inputIsChat && ownText(record, 'input') !== null
  const target = own(record, 'target')
  const output = ownObject(record, 'output')
  const rest = without(record, [
    'id',
    'epoch',
    ...(hasMessages ? ['messages'] : []),
    ...(inputSaid ? ['input'] : []),
    ...(isList(target) || isObject(target) ? [] : ['target']),
    'output',
  ])
  if (hasMessages && residue !== null) rest['messages'] = residue
  if (output !== null) rest['output'] = quoted ? without(output, ['choices']) : output
  const log = evalOf(context)
  if (log !== null) {
    rest['eval'] = Object.fromEntries(
      EVAL_FACTS.flatMap((key) => (Object.hasOwn(log, key) ? [[key, log[key] as Json]] : [])),
    )
  }
  return rest
}
