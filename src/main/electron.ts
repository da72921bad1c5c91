/**
 * The part of Electron that the shell uses, as narrow types. The shell gets it handed in and never
 * imports Electron itself, so that all of it runs, and is tested, under plain Node.
 */

export interface PortMain {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start(): void
  close(): void
}

export interface UtilityChild {
  postMessage(message: unknown, transfer?: never[]): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
  kill(): boolean
}

export interface Contents {
  readonly mainFrame: unknown
  send(channel: string, ...args: unknown[]): void
  postMessage(channel: string, message: unknown, transfer?: never[]): void
  setWindowOpenHandler(handler: () => { action: 'deny' }): void
  on(
    event: 'will-navigate' | 'will-redirect' | 'will-frame-navigate' | 'will-attach-webview',
    listener: (event: { preventDefault(): void }) => void,
  ): unknown
}

export interface Bounds {
  x: number
  y: number
  width: number
  height: number
}

export interface Win {
  readonly webContents: Contents
  loadURL(url: string): Promise<void>
  show(): void
  focus(): void
  isFocused(): boolean
  /** Closes without asking the page. */
  destroy(): void
  isDestroyed(): boolean
  restore(): void
  maximize(): void
  isMinimized(): boolean
  isMaximized(): boolean
  getNormalBounds(): Bounds
  on(event: 'close' | 'closed', listener: () => void): unknown
  once(event: 'ready-to-show', listener: () => void): unknown
}

export interface WindowOptions extends Partial<Bounds> {
  title: string
  show: boolean
  minWidth: number
  minHeight: number
  backgroundColor: string
  webPreferences: Record<string, string | boolean>
}

export interface SessionLike {
  setPermissionRequestHandler(
    handler: (contents: unknown, permission: string, decide: (granted: boolean) => void) => void,
  ): void
  setPermissionCheckHandler(handler: (contents: unknown, permission: string, origin: string) => boolean): void
  setDevicePermissionHandler(handler: () => boolean): void
  setSpellCheckerEnabled(enabled: boolean): void
  readonly webRequest: {
    onBeforeRequest(
      listener: (request: { url: string }, decide: (response: { cancel: boolean }) => void) => void,
    ): void
  }
  readonly protocol: {
    handle(scheme: string, handler: (request: Request) => Promise<Response>): void
  }
  on(
    event: 'will-download',
    listener: (event: { preventDefault(): void }, item: { getURL(): string }) => void,
  ): unknown
}

export interface IpcEvent {
  readonly sender: Contents
  readonly senderFrame: { readonly url: string } | null
}

export interface MenuItem {
  label?: string
  role?: MenuRole
  type?: 'separator'
  accelerator?: string
  registerAccelerator?: boolean
  enabled?: boolean
  click?: () => void
  submenu?: MenuItem[]
}

export type MenuRole =
  | 'appMenu'
  | 'editMenu'
  | 'windowMenu'
  | 'close'
  | 'quit'
  | 'reload'
  | 'toggleDevTools'
  | 'resetZoom'
  | 'zoomIn'
  | 'zoomOut'
  | 'togglefullscreen'

export interface Electron {
  readonly app: {
    readonly isPackaged: boolean
    readonly commandLine: { appendSwitch(name: string, value?: string): void }
    getPath(name: 'userData' | 'documents'): string
    setName(name: string): void
    requestSingleInstanceLock(data?: Record<string, unknown>): boolean
    whenReady(): Promise<unknown>
    quit(): void
    on(
      event: 'second-instance',
      listener: (event: unknown, argv: string[], directory: string, data: unknown) => void,
    ): unknown
    on(event: 'web-contents-created', listener: (event: unknown, contents: Contents) => void): unknown
    on(event: 'window-all-closed' | 'activate', listener: () => void): unknown
    on(event: 'will-quit', listener: (event: { preventDefault(): void }) => void): unknown
  }
  readonly BrowserWindow: new (options: WindowOptions) => Win
  readonly protocol: {
    registerSchemesAsPrivileged(schemes: { scheme: string; privileges: Record<string, boolean> }[]): void
  }
  readonly session: { readonly defaultSession: SessionLike }
  readonly ipcMain: {
    on(channel: string, listener: (event: IpcEvent, ...args: unknown[]) => void): unknown
    handle(channel: string, handler: (event: IpcEvent, ...args: unknown[]) => unknown): void
  }
  readonly utilityProcess: {
    fork(entry: string, args: string[], options: { serviceName: string; stdio: 'inherit' }): UtilityChild
  }
  readonly MessageChannelMain: new () => { port1: PortMain; port2: PortMain }
  readonly dialog: {
    showOpenDialog(
      window: never,
      options: { title: string; properties: OpenProperty[]; buttonLabel?: string },
    ): Promise<{ canceled: boolean; filePaths: string[] }>
    showSaveDialog(
      window: never,
      options: { title: string; defaultPath: string },
    ): Promise<{ canceled: boolean; filePath: string }>
    showMessageBox(options: {
      type: 'error'
      message: string
      detail: string
      buttons: string[]
      defaultId: number
      cancelId: number
    }): Promise<{ response: number }>
  }
  readonly Menu: {
    buildFromTemplate(template: MenuItem[]): unknown
    setApplicationMenu(menu: never): void
  }
  readonly nativeTheme: { readonly shouldUseDarkColors: boolean }
  readonly screen: { getAllDisplays(): { workArea: Bounds }[] }
}

export type OpenProperty = 'openFile' | 'openDirectory' | 'multiSelections' | 'createDirectory'
