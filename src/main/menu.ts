import { basename } from 'node:path'
import type { MenuCommand } from '../preload/bridge.ts'
import type { MenuItem } from './electron.ts'

export interface MenuOptions {
  mac: boolean
  /** Adds the developer's entries. */
  development: boolean
  recent: readonly string[]
  openWorkspace: (folder?: string) => void
  command: (command: MenuCommand) => void
}

/** The application menu, as data. */
export function menuTemplate({ mac, development, recent, openWorkspace, command }: MenuOptions): MenuItem[] {
  const separator: MenuItem = { type: 'separator' }
  const recentItems = recent.map((folder): MenuItem => ({
    label: `${basename(folder)}  (${folder})`,
    click: () => {
      openWorkspace(folder)
    },
  }))
  const send = (label: string, name: MenuCommand, accelerator?: string): MenuItem => ({
    label,
    // The page hears these keys itself, with what the person chose for them: the menu only shows them.
    ...(accelerator === undefined ? {} : { accelerator, registerAccelerator: false }),
    click: () => {
      command(name)
    },
  })
  return [
    ...(mac ? [{ role: 'appMenu' } satisfies MenuItem] : []),
    {
      label: 'File',
      submenu: [
        {
          label: 'Open Workspace…',
          accelerator: 'CmdOrCtrl+Shift+O',
          click: () => {
            openWorkspace()
          },
        },
        recentItems.length > 0
          ? { label: 'Open Recent', submenu: recentItems }
          : { label: 'Open Recent', enabled: false, submenu: [] },
        separator,
        send('Import…', 'import', 'CmdOrCtrl+O'),
        send('Settings', 'settings', 'CmdOrCtrl+,'),
        separator,
        { role: mac ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        send('Command Palette', 'palette', 'CmdOrCtrl+K'),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...(development
          ? ([separator, { role: 'reload' }, { role: 'toggleDevTools' }] satisfies MenuItem[])
          : []),
      ],
    },
    { role: 'windowMenu' },
    { label: 'Help', submenu: [send('Keyboard Shortcuts', 'shortcuts')] },
  ]
}
