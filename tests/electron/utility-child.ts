import { EventEmitter } from 'node:events'
import { pathToFileURL } from 'node:url'
import type { ChildMessage, ParentMessage } from './wire.ts'

/** Runs a utility process's entry in a plain Node child, with Electron's `process.parentPort`. */

const send = (message: ChildMessage) => process.send?.(message)

/** Holds events until something listens, as Electron's ports do. */
class Held extends EventEmitter {
  #early: unknown[] | null = []

  deliver(event: unknown): void {
    if (this.#early === null) this.emit('message', event)
    else this.#early.push(event)
  }

  start(): void {
    const early = this.#early ?? []
    this.#early = null
    for (const event of early) this.emit('message', event)
  }
}

class Port extends Held {
  readonly #id: number

  constructor(id: number) {
    super()
    this.#id = id
  }

  postMessage(data: unknown): void {
    send({ kind: 'port', id: this.#id, data })
  }

  close(): void {
    send({ kind: 'port-closed', id: this.#id })
    this.emit('close')
  }
}

class ParentPort extends Held {
  override on(event: string, listener: (...args: unknown[]) => void): this {
    super.on(event, listener)
    if (event === 'message') queueMicrotask(() => this.start())
    return this
  }

  postMessage(data: unknown): void {
    send({ kind: 'message', data })
  }
}

const parentPort = new ParentPort()
const ports = new Map<number, Port>()

process.on('message', (message: ParentMessage) => {
  if (message.kind === 'message') {
    const transferred = message.ports.map((id) => {
      const port = new Port(id)
      ports.set(id, port)
      return port
    })
    parentPort.deliver({ data: message.data, ports: transferred })
  } else if (message.kind === 'port') ports.get(message.id)?.deliver({ data: message.data, ports: [] })
  else ports.get(message.id)?.emit('close')
})
process.on('disconnect', () => process.exit(0))

Object.assign(process, { parentPort })
const [, , entry, ...args] = process.argv
process.argv = [process.execPath, entry!, ...args]
await import(pathToFileURL(entry!).href)
