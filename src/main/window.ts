import { basename } from 'node:path'
import { APP_URL } from './app-protocol.ts'
import type { Electron, Win } from './electron.ts'
import { webPreferences } from './security.ts'
import { isReachable, type ShellStateStore } from './shell-state.ts'

const DEFAULT_SIZE = { width: 1440, height: 900 }
const MIN_SIZE = { minWidth: 900, minHeight: 600 }
/** What shows before the first paint: the page's own ground in either theme. */
const GROUND = { dark: '#141518', light: '#faf9f6' }

/** Opens the window of a workspace where it was when it was last closed. */
export function createWindow(
  { BrowserWindow, nativeTheme, screen }: Pick<Electron, 'BrowserWindow' | 'nativeTheme' | 'screen'>,
  { workspace, preload, state }: { workspace: string; preload: string; state: ShellStateStore },
): Win {
  const kept = state.window(workspace)
  const displays = screen.getAllDisplays().map(({ workArea }) => workArea)
  const { x, y, width, height } = kept ?? { x: 0, y: 0, ...DEFAULT_SIZE }
  const place = kept !== null && isReachable(kept, displays) ? { x, y } : {}
  const window = new BrowserWindow({
    title: `${basename(workspace)} – Cairn`,
    show: false,
    width,
    height,
    ...place,
    ...MIN_SIZE,
    backgroundColor: nativeTheme.shouldUseDarkColors ? GROUND.dark : GROUND.light,
    webPreferences: webPreferences(preload),
  })
  if (kept?.maximized) window.maximize()
  window.once('ready-to-show', () => {
    window.show()
  })
  window.on('close', () => {
    state.remember(workspace, { ...window.getNormalBounds(), maximized: window.isMaximized() })
  })
  void window.loadURL(APP_URL)
  return window
}
