import type { Json, Message, TraceDraft } from '#shared/domain/trace.ts'
import { toBoolean, toInteger, toKey, toNumber, toReference, toStep, toText } from './coerce.ts'
import {
  asConversation,
  hasThinkTag,
  promptText,
  readConversation,
  readMessages,
  withReasoning,
} from './conversation.ts'
import { leftover } from './leftover.ts'
import type { Branch } from './path.ts'
import { BIT, type Plan } from './plan.ts'
import { isList, isObject, put, type JsonObject } from './record.ts'
import { kindOf, noResponse } from './reject.ts'
import type { MappedField } from '../../types.ts'

/** What the texts of one trace came to: which mapped fields are wholly in it and what messages left over. */
interface Texts {
  prompt: string
  messages: readonly Message[] | null
  response: string
  taken: number
  residue: readonly Json[] | null
}

/** The trace of one branch of a record, or the message why it has no response. */
export function draft(
  plan: Plan,
  record: JsonObject,
  branch: Branch,
  ordinal: number | null,
): TraceDraft | string {
  const texts = readTexts(plan, record, branch)
  if (typeof texts === 'string') return texts
  let taken = texts.taken
  const read = <T>(field: MappedField, coerce: (value: Json | undefined) => T | null): T | null => {
    const get = plan.get[field]
    if (get === undefined) return null
    const raw = get(record, branch)
    if (raw === undefined) return null
    const value = coerce(raw)
    if (value !== null ? !isNested(raw) : raw === null) taken |= BIT[field]
    return value
  }
  const trace = {
    run: read('run', toKey),
    checkpoint: read('checkpoint', toStep),
    key: read('key', toKey),
    sample: read('sample', toInteger) ?? ordinal,
    prompt: texts.prompt,
    messages: texts.messages,
    response: texts.response,
    reference: read('reference', toReference),
    reward: read('reward', toNumber),
    correct: read('correct', toBoolean),
    truncated: read('truncated', toBoolean),
    tokens: read('tokens', toInteger),
    metadata: NOTHING,
  }
  trace.metadata = metadataOf(plan, record, branch, taken, texts.residue)
  return trace
}

const NOTHING: { readonly [key: string]: Json } = Object.freeze({})

/** Whether a value is more than one text, number or truth value, alone or in a list: that stays in the metadata as it is. */
function isNested(raw: Json): boolean {
  const only = isList(raw) && raw.length === 1 ? raw[0]! : raw
  return only !== null && typeof only === 'object'
}

function readTexts(plan: Plan, record: JsonObject, branch: Branch): Texts | string {
  const texts: Texts = { prompt: '', messages: null, response: '', taken: 0, residue: null }
  const responseAt = plan.get.response
  if (responseAt === undefined) {
    const problem = fromMessages(plan, record, branch, texts)
    if (problem !== null) return problem
  } else {
    readContext(plan, record, branch, texts)
    const raw = responseAt(record, branch)
    const text = typeof raw === 'string' ? raw : fromStructure(raw, texts)
    if (text === null) return noResponse(plan.responsePath.text, kindOf(raw))
    texts.response = text
    if (typeof raw === 'string' || isLossless(raw)) texts.taken |= BIT.response
  }
  readPrompt(plan, record, branch, texts)
  readReasoning(plan, record, branch, texts)
  return texts
}

/** A response given as messages, content parts or strings; earlier messages join the context. */
function fromStructure(raw: Json | undefined, texts: Texts): string | null {
  const turns = asConversation(raw)
  if (turns === null) return isObject(raw) ? toText(raw['content'] ?? raw['text']) : toText(raw)
  const talk = readConversation(turns)
  if (talk.before.length > 0) texts.messages = [...(texts.messages ?? []), ...talk.before]
  if (talk.residue === null) texts.taken |= BIT.response
  return talk.response
}

/** Whether the text of a structured value holds all of it. */
function isLossless(raw: Json | undefined): boolean {
  return typeof raw !== 'object' || (isList(raw) && raw.length === 1 && typeof raw[0] === 'string')
}

function fromMessages(plan: Plan, record: JsonObject, branch: Branch, texts: Texts): string | null {
  const raw = plan.get.messages?.(record, branch)
  const turns = asConversation(raw)
  if (turns === null) return noResponse(plan.responsePath.text, `${kindOf(raw)} instead of messages`)
  const talk = readConversation(turns)
  if (talk.response === null) return noResponse(plan.responsePath.text, 'no assistant message with text')
  texts.messages = talk.before
  texts.response = talk.response
  texts.residue = talk.residue
  if (talk.residue === null) texts.taken |= BIT.messages
  return null
}

function readContext(plan: Plan, record: JsonObject, branch: Branch, texts: Texts): void {
  const turns = asConversation(plan.get.messages?.(record, branch))
  if (turns === null) return
  const { messages, residue } = readMessages(turns)
  texts.messages = messages
  texts.residue = residue
  if (residue === null) texts.taken |= BIT.messages
}

function readPrompt(plan: Plan, record: JsonObject, branch: Branch, texts: Texts): void {
  const raw = plan.get.prompt?.(record, branch)
  const turns = typeof raw === 'object' || typeof raw === 'string' ? asConversation(raw) : null
  if (turns !== null) {
    const { messages, residue } = readMessages(turns)
    if (residue === null) texts.taken |= BIT.prompt
    texts.prompt = promptText(messages)
    texts.messages = [...messages, ...(texts.messages ?? [])]
    return
  }
  const text = toText(raw)
  if (text === null) {
    if (texts.messages !== null) texts.prompt = promptText(texts.messages)
    if (raw === null) texts.taken |= BIT.prompt
    return
  }
  texts.prompt = text
  if (isLossless(raw)) texts.taken |= BIT.prompt
}

function readReasoning(plan: Plan, record: JsonObject, branch: Branch, texts: Texts): void {
  const raw = plan.get.reasoning?.(record, branch)
  if (raw === undefined) return
  const reasoning = toText(raw)
  if (reasoning === null || reasoning === '') {
    if (raw === null || raw === '') texts.taken |= BIT.reasoning
    return
  }
  if (hasThinkTag(texts.response) || texts.response.includes(reasoning)) return
  texts.response = withReasoning(reasoning, texts.response) ?? ''
  if (isLossless(raw)) texts.taken |= BIT.reasoning
}

function metadataOf(
  plan: Plan,
  record: JsonObject,
  branch: Branch,
  taken: number,
  residue: readonly Json[] | null,
): Record<string, Json> {
  const rest: Record<string, Json> = {}
  const { flat, nested } = plan
  for (const key of Object.keys(record)) {
    const fields = flat.get(key)
    if (fields !== undefined && (fields & taken) !== 0) continue
    const tree = nested.size === 0 ? undefined : nested.get(key)
    const value = record[key] as Json
    const kept = tree === undefined ? value : leftover(value, tree, taken, branch)
    if (kept !== undefined) put(rest, key, kept)
  }
  if (residue !== null && plan.messagesKey !== null && Object.hasOwn(rest, plan.messagesKey)) {
    put(rest, plan.messagesKey, residue)
  }
  return rest
}
