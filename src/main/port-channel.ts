import type { Channel } from '#shared/rpc/channel.ts'
import type { PortMain } from './electron.ts'

/** A channel over Electron's MessagePortMain. */
export function portChannel(port: PortMain): Channel {
  port.start()
  return {
    post: (message) => {
      port.postMessage(message)
    },
    onMessage: (listener) => {
      port.on('message', ({ data }) => {
        listener(data)
      })
    },
    onClose: (listener) => void port.on('close', listener),
    close: () => {
      port.close()
    },
  }
}
