import type { Page } from 'playwright-core'

/** What the engine says to a page, which a test may hold back or change on its way. */
export interface Wire {
  /** For `prepare` of a page that is opened. */
  readonly prepare: (page: Page) => Promise<void>
  /** Holds back messages that fit, until another pattern or null is given. */
  hold(pattern: RegExp | null): void
  /** Puts a text in the place of another, no longer one: messages name their length. */
  change(from: string, to: string): void
}

export function createWire(): Wire {
  let held: RegExp | null = null
  let [from, to] = ['', '']
  return {
    prepare: (page) =>
      page.routeWebSocket(/\/rpc$/, (socket) => {
        socket.connectToServer().onMessage((message) => {
          // Every message is bytes, with JSON among them.
          const text = message.toString('latin1')
          if (held?.test(text)) return
          const changed = from !== '' && text.includes(from)
          socket.send(
            changed ? Buffer.from(text.replaceAll(from, to.padEnd(from.length)), 'latin1') : message,
          )
        })
      }),
    hold(pattern) {
      held = pattern
    },
    change(wanted, instead) {
      ;[from, to] = [wanted, instead]
    },
  }
}
