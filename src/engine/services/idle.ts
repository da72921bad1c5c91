/** Quiet time before the first piece of work, and between one and the next. */
const QUIET_MS = 600
const PAUSE_MS = 60

/**
 * Does work in pieces while nobody asks for anything: the returned function says that somebody just did,
 * and what to do when it has been quiet for a while; `work` answers whether more is left.
 */
export function createIdle(): (work: () => boolean) => void {
  let timer: NodeJS.Timeout | undefined
  return (work) => {
    clearTimeout(timer)
    const next = () => {
      if (work()) timer = setTimeout(next, PAUSE_MS).unref()
    }
    timer = setTimeout(next, QUIET_MS).unref()
  }
}
