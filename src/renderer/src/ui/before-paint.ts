import { tick } from 'svelte'

/**
 * Does something when the changes under way are in the document, before the next frame is painted. Returns what calls it
 * off, also while the changes are still under way.
 */
export function beforePaint(work: () => void): () => void {
  let frame: number | null = 0
  void tick().then(() => {
    if (frame !== null) frame = requestAnimationFrame(work)
  })
  return () => {
    if (frame !== null) cancelAnimationFrame(frame)
    frame = null
  }
}
