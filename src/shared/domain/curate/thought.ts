import { markedAnswer, statedAnswer } from '../answers/extract.ts'

/** The parts of a response. Offsets are UTF-16; `thought` without its tags and the space around it. */
export interface Parts {
  readonly thought: { readonly start: number; readonly end: number }
  /** What follows the thought: the answer as it is given. */
  readonly rest: { readonly start: number; readonly end: number }
  /** Whether the response marks its thought. */
  readonly tagged: boolean
}

const OPEN = /<(think|thinking|thought|reasoning)>/i
const CLOSE = /<\/(think|thinking|thought|reasoning)>/gi
const ANSWER = /<answer>/gi

/**
 * Thought and answer of a response: by its `<think>` tags (a missing opening tag, which templates put in the prompt,
 * is no matter); without tags the answer begins at the last `<answer>`, else with the paragraph that holds the answer.
 * Where nothing is told apart everything is thought.
 */
export function partsOf(text: string): Parts {
  const open = OPEN.exec(text)
  const close = [...text.matchAll(CLOSE)].at(-1)
  if (close !== undefined && (open === null || open.index < close.index)) {
    const start = open === null ? 0 : open.index + open[0].length
    return { ...trimmed(text, start, close.index, close.index + close[0].length), tagged: true }
  }
  const from = open === null ? 0 : open.index + open[0].length
  const answer = [...text.matchAll(ANSWER)].at(-1)
  if (answer !== undefined)
    return { ...trimmed(text, from, answer.index, answer.index), tagged: open !== null }
  const last = lastParagraph(text, from)
  return { ...trimmed(text, from, last, last), tagged: open !== null }
}

/** Whether the response gives an answer: one that is marked, or stated in words. A number at the end is none. */
export function isAnswered(text: string): boolean {
  const answer = markedAnswer(text) ?? statedAnswer(text)
  return answer !== null && answer.text.trim() !== ''
}

function trimmed(text: string, start: number, end: number, restStart: number): Omit<Parts, 'tagged'> {
  return { thought: trim(text, start, end), rest: trim(text, restStart, text.length) }
}

function trim(text: string, start: number, end: number): { start: number; end: number } {
  let [from, to] = [start, end]
  while (from < to && /\s/.test(text[from]!)) from++
  while (to > from && /\s/.test(text[to - 1]!)) to--
  return { start: from, end: to }
}

/** Start of the last paragraph when it states the answer; else the end of the text. */
function lastParagraph(text: string, from: number): number {
  const end = trim(text, from, text.length).end
  const at = text.lastIndexOf('\n\n', end - 1)
  if (at <= from) return text.length
  return /\\boxed|answer|####/i.test(text.slice(at, end)) ? at : text.length
}
