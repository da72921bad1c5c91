/** What work comes to; null as soon as the job is stopped. Work that others share goes on without it. */
export async function orStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  if (signal.aborted) return null
  let stop: () => void = () => undefined
  const stopped = new Promise<null>((resolve) => (stop = () => resolve(null)))
  signal.addEventListener('abort', stop)
  try {
    return await Promise.race([work, stopped])
  } finally {
    signal.removeEventListener('abort', stop)
    // Nobody listens any more.
    work.catch(() => undefined)
  }
}
