import type { WebSocket } from 'ws'
import type { Channel } from '#shared/rpc/channel.ts'
import { socketChannel } from '#shared/rpc/socket-channel.ts'

/** Silence after which a client's machine is taken to be asleep or gone. */
const HEARTBEAT_MS = 30_000
/** Bytes waiting for a client that no longer reads; past this the client has to connect anew. */
const MAX_BACKLOG = 256 * 1024 * 1024

/** The server's end of a client's WebSocket: a client that stops answering or reading is let go. */
export function serverChannel(socket: WebSocket): Channel {
  const channel = socketChannel(socket)
  let answered = true
  const heartbeat = setInterval(() => {
    if (!answered) return socket.terminate()
    answered = false
    socket.ping()
  }, HEARTBEAT_MS)
  heartbeat.unref()
  socket.on('pong', () => {
    answered = true
  })
  // `ws` reports a frame that breaks the protocol or the payload limit here, and then closes.
  socket.on('error', () => undefined)
  socket.on('close', () => {
    clearInterval(heartbeat)
  })
  return {
    ...channel,
    post(message) {
      if (socket.bufferedAmount > MAX_BACKLOG) socket.terminate()
      else channel.post(message)
    },
  }
}
