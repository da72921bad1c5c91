import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { ENGINE_PORT, IPC, type CairnBridge, type MenuCommand, type RecentWorkspace } from './bridge.ts'

const bridge: CairnBridge = {
  connect: () => ipcRenderer.send(IPC.connect),
  chooseFiles: () => ipcRenderer.invoke(IPC.chooseFiles) as Promise<string[]>,
  chooseFolder: () => ipcRenderer.invoke(IPC.chooseFolder) as Promise<string | null>,
  chooseSavePath: (suggestedName) =>
    ipcRenderer.invoke(IPC.chooseSavePath, suggestedName) as Promise<string | null>,
  pathOf: (file) => webUtils.getPathForFile(file),
  recentWorkspaces: () => ipcRenderer.invoke(IPC.recentWorkspaces) as Promise<RecentWorkspace[]>,
  forgetWorkspace: (folder) => ipcRenderer.invoke(IPC.forgetWorkspace, folder) as Promise<void>,
  openWorkspace: (folder) => ipcRenderer.invoke(IPC.openWorkspace, folder ?? null) as Promise<void>,
  onMenu(listener) {
    const relay = (_event: unknown, command: MenuCommand) => {
      listener(command)
    }
    ipcRenderer.on(IPC.menu, relay)
    return () => void ipcRenderer.removeListener(IPC.menu, relay)
  },
}

contextBridge.exposeInMainWorld('cairn', bridge)

// A port cannot pass the bridge; a message of the window to itself carries it into the page's world.
ipcRenderer.on(IPC.port, ({ ports }) => {
  window.postMessage(ENGINE_PORT, window.location.origin, ports)
})
