/** A page that is not in sight paints nothing; this long after, work is done all the same. */
const UNSEEN_MS = 120

/** Does something when the next frame is on the screen: what one looks at comes first. Returns what calls it off. */
export function afterPaint(work: () => void): () => void {
  const stop = () => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
  }
  let timer = setTimeout(() => {
    stop()
    work()
  }, UNSEEN_MS)
  const frame = requestAnimationFrame(() => {
    clearTimeout(timer)
    timer = setTimeout(work)
  })
  return stop
}
