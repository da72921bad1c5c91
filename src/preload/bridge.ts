/** What the menu asks of the user interface. */
export type MenuCommand = 'import' | 'palette' | 'shortcuts' | 'settings'

/** A workspace that was opened before. */
export interface RecentWorkspace {
  readonly folder: string
  /** Whether the folder still holds a workspace. */
  readonly exists: boolean
  /** Whether it is open in a window. */
  readonly open: boolean
  /** Size of its database on disk. */
  readonly bytes: number
  /** When its database last changed, ISO 8601; null when there is none. */
  readonly changedAt: string | null
}

/**
 * What the desktop offers the page as `window.cairn`, beyond the engine's API. A browser that reaches
 * Cairn over loopback has no such object.
 */
export interface CairnBridge {
  /**
   * Asks for a connection to the engine. The port comes as a `message` event on `window` whose data
   * is `ENGINE_PORT`, with the port in `event.ports[0]`. Ask again when a port closes: the engine is
   * started anew if it has ended.
   */
  connect(): void
  /** Native dialog for files to import; empty when the person cancels. */
  chooseFiles(): Promise<string[]>
  /** Native dialog for one folder to import; null when the person cancels. */
  chooseFolder(): Promise<string | null>
  /** Native dialog for a file to write; null when the person cancels. */
  chooseSavePath(suggestedName: string): Promise<string | null>
  /** Path on disk of a file that was dropped or picked. */
  pathOf(file: File): string
  /** Workspaces opened before, the latest first. */
  recentWorkspaces(): Promise<RecentWorkspace[]>
  /** Takes a workspace off that list; the folder stays as it is. */
  forgetWorkspace(folder: string): Promise<void>
  /** Opens a workspace in a window of its own; without a folder a native dialog asks for one. */
  openWorkspace(folder?: string): Promise<void>
  /** Listens to the menu; the returned function stops listening. */
  onMenu(listener: (command: MenuCommand) => void): () => void
}

/** Data of the window message that brings the engine's port. */
export const ENGINE_PORT = 'cairn:engine-port'

/** Names of the messages between preload and main. */
export const IPC = {
  connect: 'cairn:connect',
  port: 'cairn:port',
  chooseFiles: 'cairn:choose-files',
  chooseFolder: 'cairn:choose-folder',
  chooseSavePath: 'cairn:choose-save-path',
  recentWorkspaces: 'cairn:recent-workspaces',
  forgetWorkspace: 'cairn:forget-workspace',
  openWorkspace: 'cairn:open-workspace',
  menu: 'cairn:menu',
} as const
