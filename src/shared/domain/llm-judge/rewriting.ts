import { partsOf } from '../curate/thought.ts'

/** Changes with any word of what is asked: texts of other words are not mixed in one file. */
export const REWRITING_VERSION = 1

export const REWRITE_PARTS = ['question', 'thought', 'answer'] as const
export type RewritePart = (typeof REWRITE_PARTS)[number]

/** What is to be done where the person says nothing. */
const USUALLY: Readonly<Record<RewritePart, string>> = {
  question: 'Say it in other words.',
  thought: 'Say it in other words, in clear and natural language.',
  answer: 'Say it in other words, briefly.',
}

const KEEP: Readonly<Record<RewritePart, string>> = {
  question:
    'Keep every number, name, condition and instruction about the form of the answer exactly: the solution must stay the same.',
  thought:
    'Keep every step, number and result, their order, and every check, wrong turn and correction: add none and leave none out.',
  answer: 'Keep the final answer exactly as it is, with the marks around it, such as \\boxed{} or <answer>.',
}

const NAMES: Readonly<Record<RewritePart, string>> = {
  question: 'the problem',
  thought: 'the thoughts',
  answer: 'the answer',
}

/** The request to rewrite one part of a trace, in the manner of the rewriting of Gandhi et al. 2025's data. */
export function rewriteQuestion(
  part: RewritePart,
  { problem, thought, answer }: { problem: string; thought: string; answer: string },
  instruction: string | null,
): string {
  const shown = [
    `<problem>\n${problem}\n</problem>`,
    ...(part === 'question' ? [] : [`<thoughts>\n${thought}\n</thoughts>`]),
    ...(part === 'answer' ? [`<solution>\n${answer}\n</solution>`] : []),
  ]
  return `${shown.join('\n\n')}

Rewrite ${NAMES[part]}. ${instruction ?? USUALLY[part]} ${KEEP[part]}
Reply with the new text alone, in this form:
<rewritten>new text</rewritten>`
}

/** The text in `<rewritten>…</rewritten>`, from the first opening to the last closing tag; null when it is not there. */
export function readRewritten(answer: string): string | null {
  // A model that thinks aloud first may name the tags in its thoughts.
  const said = answer.slice(answer.lastIndexOf('</think>') + 1)
  const open = said.indexOf('<rewritten>')
  const close = said.lastIndexOf('</rewritten>')
  if (open < 0 || close < open) return null
  const text = said.slice(open + '<rewritten>'.length, close).trim()
  return text === '' ? null : text
}

/** A response with a new thought or answer in place of its own; what is left out stays. */
export function withParts(
  response: string,
  { thought, answer }: { thought?: string | undefined; answer?: string | undefined },
): string {
  const parts = partsOf(response)
  let text = response
  if (answer !== undefined) text = text.slice(0, parts.rest.start) + answer + text.slice(parts.rest.end)
  if (thought !== undefined)
    text = text.slice(0, parts.thought.start) + thought + text.slice(parts.thought.end)
  return text
}
