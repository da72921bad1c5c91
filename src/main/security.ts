import { isAppUrl } from './app-protocol.ts'
import type { Contents, Electron, IpcEvent, SessionLike } from './electron.ts'

/** Settings of every page. The page is a client of the engine and needs nothing of Node. */
export function webPreferences(preload: string): Record<string, string | boolean> {
  return {
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    navigateOnDragDrop: false,
    webviewTag: false,
    spellcheck: false,
  }
}

/** Switches off what Chromium would do on the network by itself; no name resolves. */
export function silenceNetwork({ commandLine }: Pick<Electron['app'], 'commandLine'>): void {
  commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND')
  commandLine.appendSwitch('disable-background-networking')
  commandLine.appendSwitch('disable-domain-reliability')
  commandLine.appendSwitch('force-webrtc-ip-handling-policy', 'disable_non_proxied_udp')
}

/** The one permission given: writing text to the clipboard, which "Copy" needs. */
const PERMITTED = 'clipboard-sanitized-write'

/** Denies permissions, devices, downloads from elsewhere and all network. */
export function hardenSession(session: SessionLike): void {
  session.setPermissionRequestHandler((_contents, permission, decide) => {
    decide(permission === PERMITTED)
  })
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === PERMITTED && isAppOrigin(origin),
  )
  session.setDevicePermissionHandler(() => false)
  session.setSpellCheckerEnabled(false)
  session.webRequest.onBeforeRequest(({ url }, decide) => {
    decide({ cancel: !isLocalResource(url) })
  })
  session.on('will-download', (event, item) => {
    if (!isLocalResource(item.getURL())) event.preventDefault()
  })
}

/** Denies navigation, new windows and embedded pages to every page there will ever be. */
export function hardenContents(app: Pick<Electron['app'], 'on'>): void {
  app.on('web-contents-created', (_event, contents: Contents) => {
    const deny = (event: { preventDefault(): void }) => {
      event.preventDefault()
    }
    contents.on('will-navigate', deny)
    contents.on('will-redirect', deny)
    contents.on('will-frame-navigate', deny)
    contents.on('will-attach-webview', deny)
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  })
}

/** Whether a message comes from the user interface's own top page, and not from a frame or another. */
export function isTrustedSender({ sender, senderFrame }: IpcEvent): boolean {
  return senderFrame !== null && senderFrame === sender.mainFrame && isAppUrl(senderFrame.url)
}

const isAppOrigin = (origin: string) => isAppUrl(`${origin.replace(/\/$/, '')}/`)

/** The user interface's files, what it made itself, and the developer tools built into Electron. */
function isLocalResource(url: string): boolean {
  return isAppUrl(url) || /^(blob:app:\/\/cairn\/|data:|devtools:\/\/)/.test(url)
}
