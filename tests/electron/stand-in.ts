import { fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type {
  Bounds,
  Contents,
  Electron,
  IpcEvent,
  MenuItem,
  PortMain,
  SessionLike,
  UtilityChild,
  Win,
  WindowOptions,
} from '#main/electron.ts'
import type { ChildMessage, ParentMessage } from './wire.ts'

/**
 * Stands in for the module `electron`, both main's half and the preload's. Ports are real
 * MessagePorts, utility processes real processes; what the shell sets is kept in `record`.
 */

type Listener = (...args: never[]) => void

const USER_DATA = process.env['STAND_IN_USER_DATA']!

export const record = {
  switches: [] as string[],
  schemes: [] as unknown[],
  lockData: null as unknown,
  windows: [] as StandInWindow[],
  children: [] as { pid: number | undefined; args: string[]; code: number | null }[],
  menu: [] as MenuItem[],
  spellChecker: true,
  quits: 0,
  dialogs: [] as unknown[],
}

/** What the person answers in the next dialogs. */
export const answers = { open: [] as string[][], save: [] as string[], message: [] as number[] }

export const handlers = {
  permissionRequest: null as Parameters<SessionLike['setPermissionRequestHandler']>[0] | null,
  permissionCheck: null as Parameters<SessionLike['setPermissionCheckHandler']>[0] | null,
  device: null as (() => boolean) | null,
  beforeRequest: null as Parameters<SessionLike['webRequest']['onBeforeRequest']>[0] | null,
  protocol: new Map<string, (request: Request) => Promise<Response>>(),
  download: null as Parameters<SessionLike['on']>[1] | null,
}

const main = new EventEmitter()
const invoked = new Map<string, (event: IpcEvent, ...args: unknown[]) => unknown>()

class StandInPort extends EventEmitter implements PortMain {
  readonly raw: MessagePort

  constructor(raw: MessagePort) {
    super()
    this.raw = raw
  }

  start(): void {
    this.raw.on('message', (data: unknown) => this.emit('message', { data }))
    this.raw.on('close', () => this.emit('close'))
  }

  postMessage(message: unknown): void {
    this.raw.postMessage(message)
  }

  close(): void {
    this.raw.close()
  }
}

export class MessageChannelMain {
  readonly port1: PortMain
  readonly port2: PortMain

  constructor() {
    const { port1, port2 } = new MessageChannel()
    this.port1 = new StandInPort(port1)
    this.port2 = new StandInPort(port2)
  }
}

let portIds = 0

function forkUtility(entry: string, args: string[]): UtilityChild {
  const child = fork(join(import.meta.dirname, 'utility-child.ts'), [entry, ...args], {
    serialization: 'advanced',
  })
  const entryRecord = { pid: child.pid, args, code: null as number | null }
  record.children.push(entryRecord)
  const events = new EventEmitter()
  const ports = new Map<number, StandInPort>()
  const send = (message: ParentMessage) => {
    // A child that is just ending may be connected no more once the message is written.
    if (child.connected) child.send(message, () => undefined)
  }
  child.on('message', (message: ChildMessage) => {
    if (message.kind === 'message') events.emit('message', message.data)
    else if (message.kind === 'port') ports.get(message.id)?.postMessage(message.data)
    else ports.get(message.id)?.close()
  })
  child.on('exit', (code) => {
    entryRecord.code = code ?? -1
    for (const port of ports.values()) port.close()
    events.emit('exit', code ?? -1)
  })
  return {
    postMessage(data, transfer = []) {
      const ids = (transfer as unknown as StandInPort[]).map((port) => {
        const id = ++portIds
        ports.set(id, port)
        port.on('message', (event: { data: unknown }) => {
          send({ kind: 'port', id, data: event.data })
        })
        port.on('close', () => {
          send({ kind: 'port-closed', id })
        })
        port.start()
        return id
      })
      send({ kind: 'message', data, ports: ids })
    },
    on: (event: string, listener: Listener) => events.on(event, listener as (...args: unknown[]) => void),
    kill: () => child.kill('SIGKILL'),
  }
}

/** What main sends to a page, wherever the page is. */
export interface PageLink {
  send(channel: string, args: unknown[], ports: MessagePort[]): void
}

/** Opens a window's page elsewhere, as in a browser, and links it; null keeps it in this process. */
export const pages = {
  open: null as ((window: StandInWindow, url: string) => Promise<void>) | null,
}

const here: PageLink = {
  send: (channel, args, ports) => void renderer.emit(channel, { ports }, ...args),
}

class StandInContents extends EventEmitter implements Contents {
  link = here
  mainFrame = { url: '' }
  windowOpen: (() => { action: 'deny' }) | null = null

  send(channel: string, ...args: unknown[]): void {
    this.link.send(channel, args, [])
  }

  postMessage(channel: string, _message: unknown, transfer: never[] = []): void {
    const ports = (transfer as unknown as StandInPort[]).map(({ raw }) => raw)
    this.link.send(channel, [], ports)
  }

  setWindowOpenHandler(handler: () => { action: 'deny' }): void {
    this.windowOpen = handler
  }
}

export class StandInWindow extends EventEmitter implements Win {
  readonly webContents = new StandInContents()
  readonly options: WindowOptions
  page: Response | null = null
  focused = 0
  shown = false

  constructor(options: WindowOptions) {
    super()
    this.options = options
    record.windows.push(this)
    main.emit('web-contents-created', {}, this.webContents)
  }

  async loadURL(url: string): Promise<void> {
    this.webContents.mainFrame = { url }
    makeCurrent(this)
    if (pages.open !== null) {
      await pages.open(this, url)
      this.emit('ready-to-show')
      return
    }
    const handler = handlers.protocol.get(new URL(url).protocol.slice(0, -1))
    this.page = (await handler?.(new Request(url))) ?? null
    const preload = String(this.options.webPreferences['preload'])
    const require = createRequire(import.meta.url)
    delete require.cache[preload]
    renderer.removeAllListeners()
    require(preload)
    this.emit('ready-to-show')
  }

  show(): void {
    this.shown = true
  }
  focus(): void {
    this.focused++
  }
  isFocused(): boolean {
    return current === this
  }
  restore(): void {}
  maximize(): void {}
  isMinimized(): boolean {
    return false
  }
  isMaximized(): boolean {
    return false
  }
  getNormalBounds(): Bounds {
    return { x: 40, y: 50, width: 1200, height: 800 }
  }
  isDestroyed(): boolean {
    return !record.windows.includes(this)
  }
  /** What the person's click on the close button does. */
  close(): void {
    this.emit('close')
    this.destroy()
  }
  destroy(): void {
    this.emit('closed')
    record.windows.splice(record.windows.indexOf(this), 1)
    if (record.windows.length === 0) main.emit('window-all-closed')
  }
}

/** The window whose page the renderer's half belongs to. */
let current: StandInWindow | null = null
function makeCurrent(window: StandInWindow): void {
  current = window
}

export const app: Electron['app'] = {
  isPackaged: true,
  commandLine: {
    appendSwitch: (name, value) => void record.switches.push(value ? `${name}=${value}` : name),
  },
  getPath: (name) => join(USER_DATA, name),
  setName: () => undefined,
  requestSingleInstanceLock(data) {
    record.lockData = data
    return process.env['STAND_IN_SECOND'] === undefined
  },
  whenReady: () => Promise.resolve(),
  quit() {
    let prevented = false
    main.emit('will-quit', { preventDefault: () => (prevented = true) })
    if (!prevented) record.quits++
  },
  on(this: unknown, event: string, listener: Listener) {
    // Electron's is an emitter's method too, and does nothing without its emitter but throw.
    if (this !== app) throw new TypeError('app.on was called without app')
    return main.on(event, listener as (...args: unknown[]) => void)
  },
}

export const protocol: Electron['protocol'] = {
  registerSchemesAsPrivileged: (schemes) => void record.schemes.push(...schemes),
}

export const session: Electron['session'] = {
  defaultSession: {
    setPermissionRequestHandler: (handler) => void (handlers.permissionRequest = handler),
    setPermissionCheckHandler: (handler) => void (handlers.permissionCheck = handler),
    setDevicePermissionHandler: (handler) => void (handlers.device = handler),
    setSpellCheckerEnabled: (enabled) => void (record.spellChecker = enabled),
    webRequest: { onBeforeRequest: (listener) => void (handlers.beforeRequest = listener) },
    protocol: { handle: (scheme, handler) => void handlers.protocol.set(scheme, handler) },
    on: (_event, listener) => void (handlers.download = listener),
  },
}

export const ipcMain: Electron['ipcMain'] = {
  on: (channel, listener) => main.on(`ipc:${channel}`, listener),
  handle: (channel, handler) => void invoked.set(channel, handler),
}

export const utilityProcess: Electron['utilityProcess'] = { fork: forkUtility }
export { StandInWindow as BrowserWindow }

export const dialog: Electron['dialog'] = {
  async showOpenDialog(_window, options) {
    record.dialogs.push(options)
    const filePaths = answers.open.shift() ?? []
    return { canceled: filePaths.length === 0, filePaths }
  },
  async showSaveDialog(_window, options) {
    record.dialogs.push(options)
    const filePath = answers.save.shift() ?? ''
    return { canceled: filePath === '', filePath }
  },
  async showMessageBox(options) {
    record.dialogs.push(options)
    return { response: answers.message.shift() ?? 1 }
  },
}

export const Menu: Electron['Menu'] = {
  buildFromTemplate: (template) => template,
  setApplicationMenu: (menu) => void (record.menu = menu as MenuItem[]),
}

export const nativeTheme = { shouldUseDarkColors: false }
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] }

/** A second launch of the app, as the first one hears of it. */
export function secondLaunch(data: unknown): void {
  main.emit('second-instance', {}, [], '/', data)
}

/** A message to main from any frame, as one that is not the app's page could send. */
export function sendFrom(event: IpcEvent, channel: string, ...args: unknown[]): unknown {
  main.emit(`ipc:${channel}`, event, ...args)
  return invoked.get(channel)?.(event, ...args)
}

// The preload's half.

const renderer = new EventEmitter()
const ownEvent = (): IpcEvent => ({
  sender: current!.webContents,
  senderFrame: current!.webContents.mainFrame,
})

export const exposed: Record<string, unknown> = {}
export const contextBridge = {
  exposeInMainWorld: (name: string, value: unknown) => void (exposed[name] = value),
}
export const ipcRenderer = {
  on: (channel: string, listener: Listener) => renderer.on(channel, listener as (...args: unknown[]) => void),
  removeListener: (channel: string, listener: Listener) =>
    renderer.removeListener(channel, listener as (...args: unknown[]) => void),
  send: (channel: string, ...args: unknown[]) => void main.emit(`ipc:${channel}`, ownEvent(), ...args),
  invoke: async (channel: string, ...args: unknown[]) => invoked.get(channel)!(ownEvent(), ...args),
}
export const webUtils = { getPathForFile: (file: { name: string }) => `/dropped/${file.name}` }
