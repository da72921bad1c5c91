import type { Span } from '#shared/domain/trace.ts'

/** Marks the elements that hold the response's text; its value is the UTF-16 offset where it starts. */
export const FROM = 'data-from'

/**
 * The span of the response that is selected within `root`, without white space at its ends; null when
 * nothing is. Offsets are UTF-16.
 */
export function selectedSpan(root: Element, response: string, selection: Selection | null): Span | null {
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return null
  const range = selection.getRangeAt(0)
  if (!root.contains(range.startContainer) && !root.contains(range.endContainer)) return null
  const start = offsetOf(root, range.startContainer, range.startOffset, 'start')
  const end = offsetOf(root, range.endContainer, range.endOffset, 'end')
  return start === null || end === null ? null : trimSpan(response, { start, end })
}

/** The span without white space at its ends; null when nothing is left. */
export function trimSpan(text: string, { start, end }: Span): Span | null {
  const slice = text.slice(start, end)
  const lead = slice.length - slice.trimStart().length
  const tail = slice.length - slice.trimEnd().length
  return lead + tail >= slice.length ? null : { start: start + lead, end: end - tail }
}

/** The UTF-16 offset in the response that is drawn at a point of the window; null where there is no text. */
export function offsetAtPoint(root: Element, x: number, y: number): number | null {
  const caret = document.caretPositionFromPoint(x, y)
  if (caret === null || !root.contains(caret.offsetNode)) return null
  return offsetOf(root, caret.offsetNode, caret.offset, 'start')
}

function offsetOf(root: Element, node: Node, offset: number, side: 'start' | 'end'): number | null {
  const element = node instanceof Element ? node : node.parentElement
  const holder = element?.closest(`[${FROM}]`) ?? null
  if (holder !== null && root.contains(holder)) {
    const before = document.createRange()
    before.selectNodeContents(holder)
    before.setEnd(node, offset)
    return Number(holder.getAttribute(FROM)) + before.toString().length
  }
  // The edge lies beside the text: it belongs to the nearest text inside the selection.
  const edge = document.createRange()
  edge.setStart(node, offset)
  const holders = [...root.querySelectorAll(`[${FROM}]`)]
  const isAfter = (one: Element) => edge.comparePoint(one, 0) > 0 || edge.comparePoint(one, 0) === 0
  const inside = side === 'start' ? holders.find(isAfter) : holders.findLast((one) => !isAfter(one))
  if (inside === undefined) return null
  const from = Number(inside.getAttribute(FROM))
  return side === 'start' ? from : from + (inside.textContent ?? '').length
}
