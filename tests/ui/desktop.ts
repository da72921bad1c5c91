import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import type { Channel } from '#shared/rpc/channel.ts'
import type { App } from './app.ts'

/** The page's end of the desktop: what its bridge would do, with ports carried over by the test. */
function bridgeInPage(chosen: string[]) {
  const scope = window as unknown as Record<string, unknown>
  let port: MessagePort | undefined
  let command: ((name: string) => void) | undefined
  scope['fromEngine'] = (message: unknown) => port?.postMessage(message)
  scope['fromMenu'] = (name: string) => command?.(name)
  scope['cairn'] = {
    connect() {
      const ends = new MessageChannel()
      port = ends.port1
      port.onmessage = ({ data }) => (scope['toEngine'] as (message: unknown) => void)(data)
      window.postMessage('cairn:engine-port', window.location.origin, [ends.port2])
    },
    chooseFiles: () => Promise.resolve(chosen),
    chooseFolder: () => Promise.resolve(null),
    pathOf: () => '',
    onMenu(listener: (name: string) => void) {
      command = listener
      return () => undefined
    },
  }
}

/** Connects the page's port with an engine, as the desktop's main process does. */
async function carry(page: Page, app: App): Promise<void> {
  const listeners: ((message: unknown) => void)[] = []
  const channel: Channel = {
    post: (message) =>
      void page
        .evaluate(
          (data) => (window as unknown as { fromEngine(data: unknown): void }).fromEngine(data),
          message,
        )
        // The page may close with an event on its way.
        .catch(() => undefined),
    onMessage: (listener) => void listeners.push(listener),
    onClose: () => undefined,
    close: () => undefined,
  }
  await page.exposeFunction('toEngine', (message: unknown) => {
    for (const listener of listeners) listener(message)
  })
  app.engine().attach(channel)
}

export function desktopTests(app: () => App): void {
  it('works over the bridge’s port, with the menu and the native dialogs', async () => {
    const path = join(app().folder, 'nothing.jsonl')
    const page = await app().open('#/library', {
      prepare: async (fresh) => {
        await carry(fresh, app())
        await fresh.addInitScript(bridgeInPage, [path])
      },
    })
    const [run] = await app().engine().handlers['stats.runs']({ filter: {}, unit: 'steps' })
    await page.getByRole('link', { name: run!.run, exact: true }).first().waitFor()
    await page.evaluate(() => (window as unknown as { fromMenu(name: string): void }).fromMenu('import'))
    await page.getByRole('button', { name: 'Files…', exact: true }).click()
    await expect.poll(() => page.getByText(path, { exact: true }).count()).toBeGreaterThan(0)
  })
}
