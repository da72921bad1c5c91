import type { Json, Message } from '#shared/domain/trace.ts'
import { isList, isObject, own, ownText, without, type JsonObject } from './record.ts'

/** A conversation cut at its last assistant message. */
interface Conversation {
  /** Everything before the response. */
  before: readonly Message[]
  response: string | null
  /**
   * What the texts above do not hold, one object a message in file order (ids, tool calls, images,
   * and whole messages after the response); null when they hold everything.
   */
  residue: readonly Json[] | null
}

const ROLES = new Map([
  ['human', 'user'],
  ['gpt', 'assistant'],
  ['model', 'assistant'],
  ['chatgpt', 'assistant'],
  ['bot', 'assistant'],
  ['ai', 'assistant'],
  ['observation', 'tool'],
  ['function_response', 'tool'],
])

/** Role of a chat message (`role`) or a ShareGPT turn (`from`), in the words of chat APIs; null for neither. */
export function roleOf(message: Json | undefined): string | null {
  if (!isObject(message)) return null
  const role = ownText(message, 'role') ?? ownText(message, 'from')
  return role === null ? null : (ROLES.get(role.toLowerCase()) ?? role)
}

/** Whether a value is a list of chat messages or ShareGPT turns. */
function isConversation(value: Json | undefined): value is readonly JsonObject[] {
  return isList(value) && value.length > 0 && value.every(isMessage)
}

function isMessage(value: Json): boolean {
  if (!isObject(value)) return false
  if (ownText(value, 'role') !== null) return true
  return ownText(value, 'from') !== null && Object.hasOwn(value, 'value')
}

const CHAT_JSON = /^\s*\[\s*\{\s*"(?:role|content)"\s*:/

/** A conversation given as a list, or as the JSON text of one (table cells, harness arguments); else null. */
export function asConversation(value: Json | undefined): readonly JsonObject[] | null {
  if (isConversation(value)) return value
  if (typeof value !== 'string' || !CHAT_JSON.test(value)) return null
  try {
    const parsed = JSON.parse(value) as Json
    return isConversation(parsed) ? parsed : null
  } catch {
    return null
  }
}

/**
 * Joins reasoning that a server returned apart with the visible answer, as models that think in tags
 * write it. Text that already has a think tag is left alone.
 */
export function withReasoning(reasoning: string | null, content: string | null): string | null {
  if (reasoning === null || reasoning === '') return content
  if (content !== null && hasThinkTag(content)) return content
  return `<think>\n${reasoning}\n</think>\n\n${content ?? ''}`
}

/** Whether a text already carries its reasoning in think tags. */
export function hasThinkTag(text: string): boolean {
  return text.includes('<think>') || text.includes('</think>')
}

interface Spoken {
  text: string | null
  /** The message holds nothing that `text` and its role lack. */
  whole: boolean
  /** Fields that are in `text`. */
  taken: readonly string[]
}

/** Text of one message: content (string or parts), with reasoning in think tags in front of it. */
export function messageText(message: JsonObject): string | null {
  return speak(message).text
}

function speak(message: JsonObject): Spoken {
  const field = Object.hasOwn(message, 'content') ? 'content' : 'value'
  const body = contentOf(own(message, field))
  const apart = REASONING_FIELDS.find((name) => (ownText(message, name) ?? '') !== '')
  const reasoning = apart === undefined ? body.reasoning : ownText(message, apart)
  const text = withReasoning(reasoning, body.text)
  // Think tags win over the separate field; what was passed over stays in the residue.
  const used = reasoning === null || text !== body.text
  const taken = ['from', ...(body.plain ? [field] : []), ...(apart !== undefined && used ? [apart] : [])]
  if (message['role'] === roleOf(message)) taken.push('role')
  const whole = Object.keys(message).every((key) => taken.includes(key))
  return { text, whole, taken }
}

const REASONING_FIELDS = ['reasoning_content', 'reasoning', 'thinking'] as const

interface Content {
  text: string | null
  reasoning: string | null
  /** `text` and `reasoning` hold all of it. */
  plain: boolean
}

function contentOf(content: Json | undefined): Content {
  if (content === undefined || content === null) return { text: null, reasoning: null, plain: true }
  if (typeof content === 'string') return { text: content, reasoning: null, plain: true }
  if (isObject(content)) return contentOf([content])
  if (!isList(content)) return { text: String(content), reasoning: null, plain: true }
  let text: string | null = null
  let reasoning: string | null = null
  let plain = content.length <= 1
  for (const part of content) {
    const piece = partOf(part)
    if (piece.text !== null) text = (text ?? '') + piece.text
    if (piece.reasoning !== null)
      reasoning = reasoning === null ? piece.reasoning : `${reasoning}\n\n${piece.reasoning}`
    plain &&= piece.plain
  }
  return { text, reasoning, plain }
}

function partOf(part: Json): Content {
  if (typeof part === 'string') return { text: part, reasoning: null, plain: true }
  if (!isObject(part)) return { text: null, reasoning: null, plain: false }
  const kind = ownText(part, 'type') ?? 'text'
  const keys = Object.keys(part)
  if (kind === 'reasoning' || kind === 'thinking') {
    const field = ['reasoning', 'thinking', 'text'].find((name) => ownText(part, name) !== null)
    const reasoning = field === undefined ? null : ownText(part, field)
    return { text: null, reasoning, plain: keys.every((key) => key === 'type' || key === field) }
  }
  const text = kind.endsWith('text') ? ownText(part, 'text') : null
  return {
    text,
    reasoning: null,
    plain: text !== null && keys.every((key) => key === 'type' || key === 'text'),
  }
}

/** Cuts a conversation at its last assistant message. `response` is null when it has none with text. */
export function readConversation(messages: readonly JsonObject[]): Conversation {
  const last = messages.findLastIndex((message) => roleOf(message) === 'assistant')
  const before: Message[] = []
  const residue: Json[] = []
  let response: string | null = null
  let whole = true
  messages.forEach((message, index) => {
    if (last !== -1 && index > last) {
      residue.push(message)
      whole = false
      return
    }
    const spoken = speak(message)
    residue.push(spoken.whole ? {} : without(message, spoken.taken))
    whole &&= spoken.whole
    if (index === last) response = spoken.text ?? (Object.hasOwn(message, 'tool_calls') ? '' : null)
    else before.push({ role: roleOf(message) ?? '', content: spoken.text ?? '' })
  })
  return { before, response, residue: whole ? null : residue }
}

/** All messages as texts, none of them taken as the response. */
export function readMessages(messages: readonly JsonObject[]): {
  messages: Message[]
  residue: readonly Json[] | null
} {
  const spoken = messages.map(speak)
  return {
    messages: messages.map((message, i) => ({ role: roleOf(message) ?? '', content: spoken[i]?.text ?? '' })),
    residue: spoken.every((one) => one.whole)
      ? null
      : messages.map((message, i) => without(message, spoken[i]?.taken ?? [])),
  }
}

/**
 * The prompt text of a conversation: what was said before the response, without system messages
 * (which are the same for thousands of traces) unless there is nothing else. Blank line between turns.
 */
export function promptText(messages: readonly Message[]): string {
  const said = messages.filter((message) => message.role !== 'system' && message.role !== 'developer')
  return (said.length > 0 ? said : messages).map((message) => message.content).join('\n\n')
}
