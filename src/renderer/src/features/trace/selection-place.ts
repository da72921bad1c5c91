interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const EDGE = 8

/**
 * Where a bar goes that must not cover the selected text: below its last line, above its first one
 * where there is no room, and at the bottom of the frame where the selection fills it. Null when none
 * of the selection is in sight. All in pixels of the window.
 */
export function placeBar(
  selection: readonly Box[],
  frame: Box,
  bar: { readonly width: number; readonly height: number },
  gap: number,
): { left: number; top: number } | null {
  const lines = selection.filter(
    ({ top, bottom, left, right }) => right > left && bottom > frame.top && top < frame.bottom,
  )
  const last = lines.reduce<Box | null>(
    (low, line) => (low !== null && low.bottom >= line.bottom ? low : line),
    null,
  )
  const first = lines.reduce<Box | null>(
    (high, line) => (high !== null && high.top <= line.top ? high : line),
    null,
  )
  if (first === null || last === null) return null
  const below = last.bottom + gap
  const above = first.top - gap - bar.height
  const bottom = frame.bottom - EDGE - bar.height
  const top = below <= bottom ? below : above >= frame.top + EDGE ? above : bottom
  const anchor = top === above ? first : last
  const middle = (anchor.left + anchor.right) / 2 - bar.width / 2
  const left = Math.max(frame.left + EDGE, Math.min(middle, frame.right - EDGE - bar.width))
  return { left, top }
}
