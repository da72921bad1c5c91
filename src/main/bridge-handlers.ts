import { basename, join } from 'node:path'
import { IPC, type RecentWorkspace } from '../preload/bridge.ts'
import type { Electron, IpcEvent, OpenProperty, Win } from './electron.ts'
import { isTrustedSender } from './security.ts'

export interface BridgeDeps {
  /** The window that a message comes from, or null. */
  windowOf(event: IpcEvent): Win | null
  connect(window: Win): void
  recent(): RecentWorkspace[]
  forget(folder: string): void
  openWorkspace(folder: string | null): Promise<void>
}

/** Answers the preload's messages. One that does not come from the user interface itself is refused. */
export function registerBridge(
  { ipcMain, dialog, app }: Pick<Electron, 'ipcMain' | 'dialog' | 'app'>,
  { windowOf, connect, recent, forget, openWorkspace }: BridgeDeps,
): void {
  const trusted = (event: IpcEvent): Win | null => (isTrustedSender(event) ? windowOf(event) : null)
  const handle = (channel: string, work: (window: Win, argument: unknown) => unknown) => {
    ipcMain.handle(channel, (event, argument) => {
      const window = trusted(event)
      if (window === null) throw new Error(`${channel} was refused: it does not come from Cairn's own page.`)
      return work(window, argument)
    })
  }
  const choose = async (window: Win, title: string, properties: OpenProperty[]) => {
    const { canceled, filePaths } = await dialog.showOpenDialog(window as never, { title, properties })
    return canceled ? [] : filePaths
  }

  ipcMain.on(IPC.connect, (event) => {
    const window = trusted(event)
    if (window !== null) connect(window)
  })
  handle(IPC.chooseFiles, (window) => choose(window, 'Import traces', ['openFile', 'multiSelections']))
  handle(
    IPC.chooseFolder,
    async (window) => (await choose(window, 'Import a folder', ['openDirectory']))[0] ?? null,
  )
  handle(IPC.chooseSavePath, async (window, name) => {
    const suggested = basename(typeof name === 'string' ? name : '') || 'export.jsonl'
    const defaultPath = join(app.getPath('documents'), suggested)
    const { canceled, filePath } = await dialog.showSaveDialog(window as never, {
      title: 'Export',
      defaultPath,
    })
    return canceled ? null : filePath
  })
  handle(IPC.recentWorkspaces, recent)
  handle(IPC.forgetWorkspace, (_window, folder) => {
    if (typeof folder === 'string') forget(folder)
  })
  handle(IPC.openWorkspace, (_window, folder) => openWorkspace(typeof folder === 'string' ? folder : null))
}
