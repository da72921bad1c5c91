import type { Channel } from './channel.ts'
import { decode, encode } from './codec.ts'

/** The part of the standard WebSocket that a channel needs; browsers' and `ws`'s both have it. */
export interface SocketLike {
  binaryType: string
  readonly readyState: number
  send(data: Uint8Array<ArrayBuffer>): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'close', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
}

const CONNECTING = 0
const OPEN = 1
/** WebSocket close code for data of a kind that this end cannot accept. */
const UNSUPPORTED_DATA = 1003

/**
 * A channel over a WebSocket, either end. What is posted before the socket is open waits for it; what
 * is posted after it closed is dropped. Bytes that `encode` did not make end the connection, never the
 * process. Reconnecting is the caller's: make a new socket and a new channel.
 */
export function socketChannel(socket: SocketLike): Channel {
  socket.binaryType = 'arraybuffer'
  let waiting: unknown[] | null = socket.readyState === CONNECTING ? [] : null
  let closed = false
  const closers: (() => void)[] = []
  const onceClosed = () => {
    if (closed) return
    closed = true
    for (const closer of closers) closer()
  }
  socket.addEventListener('open', () => {
    const early = waiting ?? []
    waiting = null
    for (const message of early) socket.send(toBytes(message))
  })
  socket.addEventListener('close', onceClosed)
  return {
    post(message) {
      if (waiting !== null) waiting.push(message)
      else if (socket.readyState === OPEN) socket.send(toBytes(message))
    },
    onMessage(listener) {
      socket.addEventListener('message', ({ data }) => {
        const message = toMessage(data)
        if (message === undefined) socket.close(UNSUPPORTED_DATA, 'not a Cairn message')
        else listener(message)
      })
    },
    onClose: (listener) => void closers.push(listener),
    close() {
      socket.close()
      onceClosed()
    },
  }
}

const toBytes = (message: unknown) => encode(message) as Uint8Array<ArrayBuffer>

/** The message in a frame, or undefined when there is none in it. */
function toMessage(data: unknown): unknown {
  if (!(data instanceof ArrayBuffer)) return undefined
  try {
    return decode(new Uint8Array(data))
  } catch {
    return undefined
  }
}
