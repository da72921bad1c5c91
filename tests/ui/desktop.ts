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
    pathOf: (file: File) => `/dropped/${file.name}`,
    recentWorkspaces: () => Promise.resolve(scope['recent'] ?? []),
    forgetWorkspace(folder: string) {
      scope['recent'] = (scope['recent'] as { folder: string }[]).filter((one) => one.folder !== folder)
      return Promise.resolve()
    },
    openWorkspace(folder?: string) {
      scope['openedWorkspace'] = folder ?? 'asked'
      return Promise.resolve()
    },
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

  it('lists the workspaces opened before, and opens another', async () => {
    const page = await app().open('#/library', {
      prepare: async (fresh) => {
        await carry(fresh, app())
        await fresh.addInitScript(bridgeInPage, [])
        await fresh.addInitScript(() => {
          const about = { exists: true, open: false, bytes: 12_000_000, changedAt: '2026-01-02T03:04:05Z' }
          Object.assign(window, {
            recent: [
              { folder: '/data/first study', ...about },
              { folder: '/data/gone', ...about, exists: false, bytes: 0, changedAt: null },
            ],
          })
        })
      },
    })
    const opened = () =>
      page.evaluate(() => (window as unknown as Record<string, unknown>)['openedWorkspace'])
    await page.getByRole('button', { name: 'workspace', exact: true }).click()
    const sheet = page.getByRole('dialog', { name: 'Workspace' })
    await sheet.getByText('12.0 MB').waitFor()
    expect(await sheet.getByRole('button', { name: /^gone/ }).isDisabled()).toBe(true)
    await sheet.getByRole('button', { name: 'Take gone off this list' }).click()
    await expect.poll(() => sheet.getByText('/data/gone').count()).toBe(0)
    await sheet.getByRole('button', { name: /^first study/ }).click()
    expect(await opened()).toBe('/data/first study')
    await sheet.getByRole('button', { name: 'Open or create a workspace…' }).click()
    expect(await opened()).toBe('asked')
  })

  it('imports what is dropped, folders too', async () => {
    const page = await app().open('#/traces', {
      prepare: async (fresh) => {
        await carry(fresh, app())
        await fresh.addInitScript(bridgeInPage, [])
      },
    })
    await page.evaluate(() => {
      const data = new DataTransfer()
      for (const name of ['rollouts', 'more.jsonl']) data.items.add(new File([], name))
      document
        .querySelector('main')!
        .dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }))
    })
    const dialog = page.getByRole('dialog', { name: 'Import files' })
    await dialog.getByText('/dropped/rollouts', { exact: true }).waitFor()
    await dialog.getByText('/dropped/more.jsonl', { exact: true }).waitFor()
  })
}
