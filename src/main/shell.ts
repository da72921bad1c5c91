import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { IPC } from '../preload/bridge.ts'
import { APP_SCHEME, appProtocol } from './app-protocol.ts'
import { registerBridge } from './bridge-handlers.ts'
import type { Electron, IpcEvent, Win } from './electron.ts'
import { createEngineProcess, type EngineProcess } from './engine-process.ts'
import { canonicalFolder, workspaceArgument } from './launch.ts'
import { menuTemplate } from './menu.ts'
import { hardenContents, hardenSession, silenceNetwork } from './security.ts'
import { describeWorkspace } from './recent.ts'
import { createShellState } from './shell-state.ts'
import { createWindow } from './window.ts'

export interface ShellOptions {
  /** Built files of the desktop host. */
  files: { preload: string; rendererDir: string; engine: string }
  argv: readonly string[]
  directory: string
  platform: NodeJS.Platform
}

interface OpenWorkspace {
  window: Win
  engine: EngineProcess
}

/**
 * Runs the desktop host: one process for the app, one window and one engine process for each open
 * workspace. A second launch hands its workspace to the first and ends.
 */
export async function startShell(electron: Electron, options: ShellOptions): Promise<void> {
  const { app, protocol, session, dialog, Menu } = electron
  const { files, argv, directory, platform } = options
  const wanted = workspaceArgument(argv, directory)
  app.setName('Cairn')
  if (!app.requestSingleInstanceLock({ workspace: wanted })) {
    app.quit()
    return
  }
  protocol.registerSchemesAsPrivileged([APP_SCHEME])
  silenceNetwork(app)
  hardenContents(app)
  await app.whenReady()
  hardenSession(session.defaultSession)
  session.defaultSession.protocol.handle(APP_SCHEME.scheme, appProtocol(files.rendererDir))

  const state = createShellState(join(app.getPath('userData'), 'shell.json'))
  const open = new Map<string, OpenWorkspace>()
  /** Ends of the engines of closed windows, which hold their workspaces until then. */
  const closing = new Map<string, Promise<void>>()

  const bringForward = (window: Win): void => {
    if (window.isMinimized()) window.restore()
    window.focus()
  }

  const openFolder = (folder: string): void => {
    const workspace = canonicalFolder(folder)
    const existing = open.get(workspace)
    if (existing) {
      bringForward(existing.window)
      return
    }
    const ending = closing.get(workspace)
    if (ending) {
      void ending.then(() => {
        openFolder(workspace)
      })
      return
    }
    const window = createWindow(electron, { workspace, preload: files.preload, state })
    const engine = createEngineProcess(electron, {
      entry: files.engine,
      workspace,
      onFailed: (message) => void reportFailure(workspace, message),
    })
    open.set(workspace, { window, engine })
    state.remember(workspace)
    showMenu()
    window.on('closed', () => {
      if (open.get(workspace)?.window === window) open.delete(workspace)
      const closed = Promise.all([engine.close(), closing.get(workspace)]).then(() => {
        if (closing.get(workspace) === closed) closing.delete(workspace)
      })
      closing.set(workspace, closed)
    })
  }

  const chooseFolder = async (): Promise<void> => {
    const parent = focused()
    const choice = { title: 'Open or create a workspace', buttonLabel: 'Open' }
    const { canceled, filePaths } = await dialog.showOpenDialog(parent as never, {
      ...choice,
      properties: ['openDirectory', 'createDirectory'],
    })
    const [folder] = filePaths
    if (!canceled && folder !== undefined) openFolder(folder)
  }

  const reportFailure = async (workspace: string, message: string): Promise<void> => {
    const failed = open.get(workspace)
    const { response } = await dialog.showMessageBox({
      type: 'error',
      message: `Cairn cannot work on ${workspace}`,
      detail: message,
      buttons: ['Choose Another Workspace…', 'Close'],
      defaultId: 0,
      cancelId: 1,
    })
    // The same folder may be chosen again, to be tried again.
    if (open.get(workspace) === failed) open.delete(workspace)
    if (response === 0) await chooseFolder()
    if (failed !== undefined && !failed.window.isDestroyed()) failed.window.destroy()
  }

  const focused = (): Win | undefined => [...open.values()].find(({ window }) => window.isFocused())?.window
  const windowOf = ({ sender }: IpcEvent): Win | null =>
    [...open.values()].find(({ window }) => window.webContents === sender)?.window ?? null

  const showMenu = () => {
    const template = menuTemplate({
      mac: platform === 'darwin',
      development: !app.isPackaged,
      recent: state.recent(),
      openWorkspace: (folder) => {
        if (folder === undefined) void chooseFolder()
        else openFolder(folder)
      },
      command: (command) => focused()?.webContents.send(IPC.menu, command),
    })
    Menu.setApplicationMenu(Menu.buildFromTemplate(template) as never)
  }

  const openLatest = () => {
    openFolder(state.recent().find((folder) => existsSync(folder)) ?? join(app.getPath('documents'), 'Cairn'))
  }

  registerBridge(electron, {
    windowOf,
    connect: (window) => {
      for (const entry of open.values()) if (entry.window === window) entry.engine.connect(window.webContents)
    },
    recent: () => state.recent().map((folder) => describeWorkspace(folder, open.has(folder))),
    forget: (folder) => {
      state.forget(folder)
      showMenu()
    },
    openWorkspace: async (folder) => {
      if (folder === null) await chooseFolder()
      else openFolder(folder)
    },
  })
  app.on('second-instance', (_event, _argv, _directory, data) => {
    const { workspace } = data as { workspace: unknown }
    const window = focused() ?? [...open.values()][0]?.window
    if (typeof workspace === 'string') openFolder(workspace)
    else if (window === undefined) openLatest()
    else bringForward(window)
  })
  app.on('activate', () => {
    if (open.size === 0) openLatest()
  })
  app.on('window-all-closed', () => {
    if (platform !== 'darwin') app.quit()
  })
  app.on('will-quit', (event) => {
    if (closing.size === 0) return
    event.preventDefault()
    void Promise.all(closing.values()).then(() => {
      // A workspace may have been opened meanwhile.
      if (open.size === 0) app.quit()
    })
  })

  if (wanted === null) openLatest()
  else openFolder(wanted)
}
