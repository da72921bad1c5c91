import type { ChildProcess } from 'node:child_process'
import type { MessagePort, Worker } from 'node:worker_threads'
import type { Channel } from '#shared/rpc/channel.ts'

/** How long a thread has to end by itself, in milliseconds. */
const GRACE = 2_000
/** What a thread is sent instead of a request when nobody will ask it any more. */
const END = null

/** A channel over a Node MessagePort or Worker. Closing a Worker's channel ends the worker. */
export function workerChannel(port: MessagePort | Worker): Channel {
  const isWorker = 'terminate' in port
  return {
    post: (message) => {
      port.postMessage(message)
    },
    onMessage: (listener) =>
      void (port as MessagePort).on('message', (message) => {
        if (message === END && !isWorker) port.close()
        else listener(message)
      }),
    onClose: (listener) => {
      if (isWorker) port.on('exit', listener)
      else port.on('close', listener)
    },
    close: () => {
      if (isWorker) void endThread(port)
      else port.close()
    },
  }
}

/**
 * Ends a thread that answers on a channel; resolves when it has ended. It finishes what it is at, and
 * is stopped only where that takes too long: a thread stopped in the middle of its work can take the
 * whole process with it.
 */
export async function endThread(worker: Worker): Promise<void> {
  if (worker.threadId === -1) return
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  worker.postMessage(END)
  const timer = setTimeout(() => void worker.terminate(), GRACE)
  await ended
  clearTimeout(timer)
}

/** What a child process and a process's own parent link have in common. */
type ProcessLink = Pick<ChildProcess, 'connected'> & {
  send?: (message: never, sent: () => void) => boolean
  on(event: 'message' | 'disconnect', listener: (message: unknown) => void): unknown
  disconnect?: () => void
}

/** A channel over the IPC link of a forked process (`serialization: 'advanced'`), either end. */
export function processChannel(link: ProcessLink): Channel {
  return {
    post: (message) => {
      // An other end that died meanwhile is found out by `onClose`, not by a failed write.
      if (link.connected) link.send?.(message as never, () => undefined)
    },
    onMessage: (listener) => void link.on('message', listener),
    onClose: (listener) => void link.on('disconnect', listener),
    close: () => {
      if (link.connected) link.disconnect?.()
    },
  }
}
