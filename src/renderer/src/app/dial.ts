import type { Channel } from '#shared/rpc/channel.ts'
import { socketChannel } from '#shared/rpc/socket-channel.ts'
import { ENGINE_PORT, type CairnBridge } from '../../../preload/bridge.ts'

/** Makes a fresh, open channel to the engine, or rejects. */
export type Dial = () => Promise<Channel>

/** How long the desktop may take to start its engine. */
const PORT_MS = 30_000

/** What the desktop offers this page; undefined in a browser. */
export function desktop(): CairnBridge | undefined {
  return (window as { cairn?: CairnBridge }).cairn
}

/** Dials through the desktop's bridge where there is one, else the host that served this page. */
export function dialHere(): Dial {
  const bridge = desktop()
  return bridge === undefined ? dialSocket : () => dialPort(bridge)
}

function dialSocket(): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const address = new URL('rpc', location.href)
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
    address.hash = ''
    const socket = new WebSocket(address)
    const channel = socketChannel(socket)
    socket.addEventListener('open', () => resolve(channel))
    socket.addEventListener('close', () => reject(new Error('The engine does not answer.')))
  })
}

function dialPort(bridge: CairnBridge): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      removeEventListener('message', receive)
    }
    const receive = ({ data, ports, source }: MessageEvent<unknown>) => {
      const [port] = ports
      if (data !== ENGINE_PORT || source !== window || port === undefined) return
      stop()
      resolve(portChannel(port))
    }
    const timer = setTimeout(() => {
      stop()
      reject(new Error('The engine did not start in time.'))
    }, PORT_MS)
    addEventListener('message', receive)
    bridge.connect()
  })
}

/** A channel over a browser's MessagePort. */
export function portChannel(port: MessagePort): Channel {
  const closers: (() => void)[] = []
  let open = true
  const closed = () => {
    if (!open) return
    open = false
    for (const closer of closers) closer()
  }
  port.addEventListener('close', closed)
  port.start()
  return {
    post: (message) => port.postMessage(message),
    onMessage: (listener) => port.addEventListener('message', ({ data }) => listener(data)),
    onClose: (listener) => void closers.push(listener),
    close() {
      port.close()
      closed()
    },
  }
}
