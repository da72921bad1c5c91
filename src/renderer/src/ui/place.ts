interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

const GAP = 6
const EDGE = 8

/**
 * Where a floating sheet goes: under its anchor, above when there is no room, never past the window.
 * All in pixels of the window.
 */
export function placeSheet(
  anchor: Box,
  sheet: { readonly width: number; readonly height: number },
  view: { readonly width: number; readonly height: number },
  align: 'start' | 'end' | 'centre' = 'start',
): { left: number; top: number } {
  const wanted = {
    start: anchor.left,
    end: anchor.left + anchor.width - sheet.width,
    centre: anchor.left + (anchor.width - sheet.width) / 2,
  }[align]
  const below = anchor.top + anchor.height + GAP
  const above = anchor.top - GAP - sheet.height
  const fits = below + sheet.height + EDGE <= view.height
  const top = fits || above < EDGE ? Math.min(below, view.height - EDGE - sheet.height) : above
  const left = Math.min(wanted, view.width - EDGE - sheet.width)
  return { left: Math.max(EDGE, left), top: Math.max(EDGE, top) }
}
