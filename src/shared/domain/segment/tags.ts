/** Tags that frame the reasoning: each is a step of its own. */
const FRAMES = new Set(
  'think thinking thought thoughts reasoning reflection scratchpad analysis inner_monologue'.split(' '),
)
/** Tags that hold a short payload: the step runs from the opening tag's line to the closing tag. */
const HOLDERS = new Set('answer final final_answer solution output result tool_call tool_response'.split(' '))

const LONGEST_NAME = 32

export const Tag = { none: 0, frame: 1, open: 2, close: 3 } as const

/**
 * End (exclusive) of the tag that opens at the `<` at `at`, or 0 when none does: `<think>`,
 * `</answer>`, `<|im_end|>`, `<｜end▁of▁sentence｜>`. No attributes; a name longer than
 * LONGEST_NAME is no tag.
 */
export function tagEnd(text: string, at: number): number {
  const limit = Math.min(text.length, at + LONGEST_NAME + 3)
  for (let i = at + 1; i < limit; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x3e) return i + 1
    const lower = c | 0x20
    const inName = (lower >= 0x61 && lower <= 0x7a) || (c >= 0x30 && c <= 0x39) || c === 0x5f || c === 0x2d
    const special = c === 0x2f || c === 0x7c || c === 0xff5c || c === 0x2581
    if (!inName && !special) return 0
  }
  return 0
}

/** What the tag in `[at, end)` means for steps. */
export function tagKind(text: string, at: number, end: number): number {
  const first = text.charCodeAt(at + 1)
  const last = text.charCodeAt(end - 2)
  if (end - at > 4 && (first === 0x7c || first === 0xff5c) && last === first) return Tag.frame
  const closing = first === 0x2f
  const name = text.slice(at + (closing ? 2 : 1), end - 1).toLowerCase()
  if (FRAMES.has(name)) return Tag.frame
  if (HOLDERS.has(name)) return closing ? Tag.close : Tag.open
  return Tag.none
}
