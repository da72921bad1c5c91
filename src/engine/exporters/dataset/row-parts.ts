import type { Row } from '#shared/domain/curate/index.ts'
import type { Json, Message } from '#shared/domain/trace.ts'
import type { DatasetOptions } from './types.ts'

/** Columns of a conversation. */
export const MESSAGES = { list: { struct: { role: 'string', content: 'string' } } } as const

/** Whether prompts are text and no conversation. */
export const isText = ({ templated, partial }: DatasetOptions): boolean => templated || partial

/** The prompt as one text, with the beginning of the response where there is one. */
export function promptText({ prompt, messages, partial }: Row, { templated }: DatasetOptions): string {
  if (templated) return prompt + partial
  // A conversation of one turn is its prompt; a longer one keeps its turns apart.
  const asked =
    messages === null || messages.length === 0 ? prompt : messages.map(({ content }) => content).join('\n\n')
  return partial === '' ? asked : `${asked}\n\n${partial}`
}

/** The conversation before the response. */
export function turns({ prompt, messages }: Row): Message[] {
  const before = messages ?? (prompt === '' ? [] : [{ role: 'user', content: prompt }])
  return before.map(({ role, content }) => ({ role, content }))
}

/** The response as a turn. */
export const reply = (content: string): Message => ({ role: 'assistant', content })
/** Turns as a cell. */
export const asJson = (messages: readonly Message[]): Json =>
  messages.map(({ role, content }) => ({ role, content }))
/** The whole conversation, the response last. */
export const withReply = (row: Row, content: string): Json => asJson([...turns(row), reply(content)])

/** What is learnt: of a pair the chosen side, of steps all of them. */
export function completionOf(row: Row): string {
  if (row.kind === 'sft') return row.completion
  return row.kind === 'preference' ? row.chosen : row.completions.join('\n')
}

/** The sides of a pair. */
export function sidesOf(row: Row): { chosen: string; rejected: string } {
  return row.kind === 'preference' ? row : { chosen: completionOf(row), rejected: '' }
}

/** Steps and their labels. */
export function stepsOf(row: Row): { completions: readonly string[]; labels: readonly boolean[] } {
  return row.kind === 'stepwise' ? row : { completions: [completionOf(row)], labels: [true] }
}
