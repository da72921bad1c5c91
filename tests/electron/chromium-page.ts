import { readFileSync } from 'node:fs'
import type { MessagePort } from 'node:worker_threads'
import type { Browser, Page } from 'playwright-core'
import type * as StandIn from './stand-in.ts'

/**
 * A window's page in a real Chromium: its files and headers come from main's own protocol handler, and
 * the built preload runs in it against the renderer's half of the stand-in, whose messages and ports
 * are carried over to main.
 */

/** Chromium knows no `app:`; this origin takes its place. */
const ORIGIN = 'https://cairn.test'

interface Relay {
  deliver(channel: string, args: unknown[], ports: number[]): void
  toPort(id: number, data: unknown): void
  closePort(id: number): void
}

/** What of the page's side came to light. */
export interface Seen {
  /** Requests that were not for the app's own files. */
  strangers: string[]
  /** Exceptions and messages on the console. */
  errors: string[]
  headers: Record<string, string>
}

/** Runs in the page before anything else: the module `electron` as a preload sees it. */
function electronInPage(scope: Record<string, unknown>): unknown {
  type Listener = (event: { ports: MessagePort[] }, ...args: unknown[]) => void
  const listeners = new Map<string, Set<Listener>>()
  const ports = new Map<number, globalThis.MessagePort>()
  const ask = scope['cairnAsk'] as (
    channel: string,
    args: unknown[],
  ) => Promise<{ value?: unknown; error?: string }>
  const fromPort = scope['cairnFromPort'] as (id: number, data: unknown) => Promise<void>
  // Electron tells a port when its other end has closed; plain Chromium does not, so the port that
  // arrives in the page is told here.
  const underWay: number[] = []
  const arrived = new Map<number, globalThis.MessagePort>()
  addEventListener('message', (event) => {
    for (const port of event.ports) arrived.set(underWay.shift()!, port)
  })
  const relay: Relay = {
    deliver(channel, args, ids) {
      const given = ids.map((id) => {
        const { port1, port2 } = new MessageChannel()
        ports.set(id, port1)
        underWay.push(id)
        port1.onmessage = ({ data }) => void fromPort(id, data)
        return port2
      })
      for (const listener of listeners.get(channel) ?? [])
        listener({ ports: given as unknown as MessagePort[] }, ...args)
    },
    toPort: (id, data) => ports.get(id)?.postMessage(data),
    closePort(id) {
      ports.get(id)?.close()
      arrived.get(id)?.dispatchEvent(new Event('close'))
    },
  }
  scope['cairnRelay'] = relay
  return {
    contextBridge: {
      exposeInMainWorld: (name: string, value: object) =>
        Object.defineProperty(scope, name, { value: Object.freeze({ ...value }) }),
    },
    ipcRenderer: {
      on: (channel: string, listener: Listener) =>
        listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener)),
      removeListener: (channel: string, listener: Listener) => listeners.get(channel)?.delete(listener),
      send: (channel: string, ...args: unknown[]) => void ask(channel, args),
      async invoke(channel: string, ...args: unknown[]) {
        const { value, error } = await ask(channel, args)
        if (error !== undefined) throw new Error(error)
        return value
      },
    },
    webUtils: { getPathForFile: (file: { name: string }) => `/dropped/${file.name}` },
  }
}

/** Opens the page of a window; what it shows and does is up to the page from then on. */
export async function openChromiumPage(
  browser: Browser,
  { handlers, sendFrom }: Pick<typeof StandIn, 'handlers' | 'sendFrom'>,
  window: StandIn.StandInWindow,
  url: string,
  seen: Seen,
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => seen.errors.push(error.message))
  page.on('console', (message) => message.type() === 'error' && seen.errors.push(message.text()))
  await context.route('**/*', async (route) => {
    const asked = new URL(route.request().url())
    if (asked.origin !== ORIGIN) {
      seen.strangers.push(asked.href)
      return route.abort()
    }
    const answer = await handlers.protocol.get('app')!(new Request(`app://cairn${asked.pathname}`))
    await route.fulfill({
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: Buffer.from(await answer.arrayBuffer()),
    })
  })

  const { webContents } = window
  const ports = new Map<number, MessagePort>()
  let ids = 0
  await page.exposeFunction('cairnAsk', async (channel: string, args: unknown[]) => {
    try {
      const event = { sender: webContents, senderFrame: webContents.mainFrame }
      return { value: await sendFrom(event, channel, ...args) }
    } catch (error) {
      return { error: (error as Error).message }
    }
  })
  await page.exposeFunction('cairnFromPort', (id: number, data: unknown) => ports.get(id)?.postMessage(data))

  // The page may go while something is on its way to it.
  const relay = <A extends unknown[]>(work: (args: A) => void, ...args: A) =>
    void page.evaluate(work as (args: unknown[]) => void, args).catch(() => undefined)
  webContents.link = {
    send(channel, args, given) {
      const named = given.map((port) => {
        const id = ++ids
        ports.set(id, port)
        port.on('message', (data: unknown) =>
          relay(
            ([to, message]) =>
              (globalThis as unknown as { cairnRelay: Relay }).cairnRelay.toPort(to, message),
            id,
            data,
          ),
        )
        port.on('close', () =>
          relay(([to]) => (globalThis as unknown as { cairnRelay: Relay }).cairnRelay.closePort(to), id),
        )
        return id
      })
      relay(
        ([to, values, numbers]) =>
          (globalThis as unknown as { cairnRelay: Relay }).cairnRelay.deliver(to, values, numbers),
        channel,
        args,
        named,
      )
    },
  }

  const preload = readFileSync(String(window.options.webPreferences['preload']), 'utf8')
  await page.addInitScript(`(() => {
    const electron = (${String(electronInPage)})(window)
    const require = (name) => {
      if (name !== 'electron') throw new Error('The sandbox has no ' + name)
      return electron
    }
    ;((require, module, exports) => { ${preload}
    })(require, { exports: {} }, {})
  })()`)
  window.on('closed', () => void context.close())
  const answer = await page.goto(ORIGIN + new URL(url).pathname)
  seen.headers = answer?.headers() ?? {}
  return page
}
