import type { ChildProcess } from 'node:child_process'
import type { MessagePort, Worker } from 'node:worker_threads'
import type { Channel } from '#shared/rpc/channel.ts'

/** A channel over a Node MessagePort or Worker. Closing a Worker's channel ends the worker. */
export function workerChannel(port: MessagePort | Worker): Channel {
  return {
    post: (message) => {
      port.postMessage(message)
    },
    onMessage: (listener) => void (port as MessagePort).on('message', listener),
    onClose: (listener) => {
      if ('terminate' in port) port.on('exit', listener)
      else port.on('close', listener)
    },
    close: () => {
      if ('terminate' in port) void port.terminate()
      else port.close()
    },
  }
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
