/** A two-way pipe of messages between a client and a server. Order is kept; delivery is at most once. */
export interface Channel {
  post(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  onClose(listener: () => void): void
  close(): void
}

/** Two ends of a pipe in one process. Messages are structured clones, as over a real port. */
export function memoryChannel(): [Channel, Channel] {
  const makeEnd = () => ({
    listeners: [] as ((message: unknown) => void)[],
    closers: [] as (() => void)[],
  })
  const ends = [makeEnd(), makeEnd()] as const
  let open = true
  const close = () => {
    if (!open) return
    open = false
    for (const end of ends) for (const closer of end.closers) closer()
  }
  const channel = (mine: 0 | 1, other: 0 | 1): Channel => ({
    post(message) {
      if (!open) return
      const copy: unknown = structuredClone(message)
      queueMicrotask(() => {
        if (open) for (const listener of ends[other].listeners) listener(copy)
      })
    },
    onMessage: (listener) => ends[mine].listeners.push(listener),
    onClose: (listener) => ends[mine].closers.push(listener),
    close,
  })
  return [channel(0, 1), channel(1, 0)]
}
