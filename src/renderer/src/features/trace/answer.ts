import type { Span } from '#shared/domain/trace.ts'

/** A final answer: where it stands in the response, and what it says. */
export interface Answer extends Span {
  readonly text: string
}

/** How far back from its end a response is searched, in UTF-16 units: an answer comes last. */
const TAIL = 100_000

/**
 * The last final answer that a response marks as such: `\boxed{…}`, or `<answer>…</answer>`, whichever
 * comes later; null when it marks none. Offsets are UTF-16.
 */
export function finalAnswer(response: string): Answer | null {
  const base = Math.max(0, response.length - TAIL)
  const tail = response.slice(base)
  const found = [lastBoxed(tail), lastTagged(tail)].filter((one) => one !== null)
  const last = found.sort((a, b) => b.start - a.start)[0]
  return last === undefined ? null : { ...last, start: last.start + base, end: last.end + base }
}

function lastBoxed(text: string): Answer | null {
  const opener = /\\(?:boxed|fbox)\s*\{/g
  let last: Answer | null = null
  for (const match of text.matchAll(opener)) {
    const inside = match.index + match[0].length
    const close = closingBrace(text, inside)
    if (close >= 0) last = { start: match.index, end: close + 1, text: text.slice(inside, close).trim() }
  }
  return last
}

function lastTagged(text: string): Answer | null {
  const last = [...text.matchAll(/<answer>([^<]*)<\/answer>/gi)].at(-1)
  if (last === undefined) return null
  return { start: last.index, end: last.index + last[0].length, text: last[1]!.trim() }
}

/** The brace that closes the one before `from`; −1 when none does. Escaped braces do not count. */
function closingBrace(text: string, from: number): number {
  let depth = 1
  for (let at = from; at < text.length; at++) {
    const sign = text[at]
    if (sign === '\\') at++
    else if (sign === '{') depth++
    else if (sign === '}' && --depth === 0) return at
  }
  return -1
}
