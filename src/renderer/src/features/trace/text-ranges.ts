import { firstEndingAfter } from '#shared/domain/sorted.ts'
import type { Span } from '#shared/domain/trace.ts'
import { FROM } from './text-selection.ts'

/**
 * DOM ranges over the text that is drawn within `root`, for spans `[start0, end0, …]` of the response
 * (UTF-16, ascending). A span that goes on in another row has a range in each.
 */
export function drawnRanges(root: Element, spans: ArrayLike<number> & Uint32Array): Range[] {
  const ranges: Range[] = []
  for (const holder of root.querySelectorAll(`[${FROM}]`)) {
    const from = Number(holder.getAttribute(FROM))
    const walker = document.createTreeWalker(holder, NodeFilter.SHOW_TEXT)
    let index = firstEndingAfter(spans, from)
    for (let node = walker.nextNode(), at = from; node !== null && index * 2 < spans.length;) {
      const end = at + (node as Text).length
      const start = spans[index * 2]!
      if (start >= end) {
        at = end
        node = walker.nextNode()
        continue
      }
      const range = document.createRange()
      range.setStart(node, Math.max(0, start - at))
      range.setEnd(node, Math.min(end, spans[index * 2 + 1]!) - at)
      if (!range.collapsed) ranges.push(range)
      if (spans[index * 2 + 1]! <= end) index++
      else {
        at = end
        node = walker.nextNode()
      }
    }
  }
  return ranges
}

/** Where the start of a span is drawn, in pixels of the window; null when its row is not drawn. */
export function drawnBox(root: Element, { start, end }: Span): DOMRect | null {
  const [range] = drawnRanges(root, Uint32Array.of(start, end))
  return range?.getClientRects()[0] ?? range?.startContainer.parentElement?.getBoundingClientRect() ?? null
}

/**
 * Paints ranges with the style `::highlight(name)`. This touches neither the DOM nor offsets. Several
 * texts on the screen share a name; each replaces only its own ranges.
 */
export function createHighlighter(name: string) {
  let own: readonly Range[] = []
  return (ranges: readonly Range[]): void => {
    if (!('highlights' in CSS)) return
    const shared = CSS.highlights.get(name) ?? new Highlight()
    for (const range of own) shared.delete(range)
    for (const range of ranges) shared.add(range)
    own = ranges
    CSS.highlights.set(name, shared)
  }
}
