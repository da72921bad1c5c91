import type { Span } from '#shared/domain/trace.ts'
import { drawnRanges } from './text-ranges.ts'

/** A rectangle in pixels of whatever it is placed in. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/**
 * Where a span is drawn, one box for each line, in pixels from `origin`; empty when none of it is.
 * What is drawn of it may be only a part.
 */
export function lineBoxes(root: Element, { start, end }: Span, origin: { x: number; y: number }): Box[] {
  const lines: { left: number; top: number; right: number; bottom: number }[] = []
  for (const range of drawnRanges(root, Uint32Array.of(start, end)))
    for (const { left, top, right, bottom, width } of range.getClientRects()) {
      if (width === 0) continue
      const line = lines.at(-1)
      const same = line !== undefined && top < line.bottom - 4 && bottom > line.top + 4
      if (!same) lines.push({ left, top, right, bottom })
      else
        lines[lines.length - 1] = {
          left: Math.min(left, line.left),
          top: Math.min(top, line.top),
          right: Math.max(right, line.right),
          bottom: Math.max(bottom, line.bottom),
        }
    }
  return lines.map(({ left, top, right, bottom }) => ({
    left: left - origin.x,
    top: top - origin.y,
    width: right - left,
    height: bottom - top,
  }))
}
