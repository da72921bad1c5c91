import type { Json, Message, TraceDraft } from '#shared/domain/trace.ts'
import { blankTrace } from './shape.ts'

/** A chat rendered to text and cut at the model's own part. */
interface RenderedChat {
  messages: readonly Message[]
  response: string
  /** What stood between prompt and response, when it is not the template's own `\nassistant\n`. */
  header: string | null
}

const TEMPLATE_HEADER = '\nassistant\n'

/**
 * Cuts text in which a chat template was rendered with its special tokens dropped
 * (`system\n…\nuser\n<prompt>\nassistant\n<response>`). Works only from the known prompt, so nothing is
 * guessed; null when the text does not begin with that rendering. Where a model wrote the header itself
 * and wrote it differently, or not at all, all it wrote after the prompt is the response but for a role
 * word with white space after it.
 */
function cutRendered(text: string, prompt: string): RenderedChat | null {
  const head = /^(?:system\n([\s\S]*?)\n)?user\n/.exec(text)
  if (head === null || !text.startsWith(prompt, head[0].length)) return null
  const rest = text.slice(head[0].length + prompt.length)
  const gap = /^\n*assistant(?:\n|[ \t]+)/i.exec(rest)?.[0] ?? (rest.startsWith('\n') ? '\n' : '')
  const messages: Message[] = [{ role: 'user', content: prompt }]
  if (head[1] !== undefined) messages.unshift({ role: 'system', content: head[1] })
  return { messages, response: rest.slice(gap.length), header: gap === TEMPLATE_HEADER ? null : gap }
}

/** A trace of text that may be a rendered chat; an odd header is kept as `metadata.rendered_header`. */
export function renderedTrace(prompt: string, text: string, metadata: Record<string, Json>): TraceDraft {
  const chat = cutRendered(text, prompt)
  if (chat === null) return blankTrace(prompt, text, metadata)
  const kept = chat.header === null ? metadata : { ...metadata, rendered_header: chat.header }
  return { ...blankTrace(prompt, chat.response, kept), messages: chat.messages }
}
