import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Bounds } from './electron.ts'

const WindowState = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
  maximized: z.boolean(),
})
export type WindowState = z.infer<typeof WindowState>

/** Windows by workspace folder, the latest opened first: at once the list of recent workspaces. */
const ShellState = z.object({
  workspaces: z.array(z.object({ folder: z.string(), window: WindowState.nullable().catch(null) })),
})

const MAX_WORKSPACES = 20

export interface ShellStateStore {
  recent(): string[]
  window(folder: string): WindowState | null
  /** Puts the workspace first and, when given, keeps its window's state. */
  remember(folder: string, window?: WindowState): void
  forget(folder: string): void
}

/** Keeps the shell's state in a JSON file. A file that cannot be read or written costs the state only. */
export function createShellState(file: string): ShellStateStore {
  let { workspaces } = load(file)
  const windowOf = (folder: string) => workspaces.find((entry) => entry.folder === folder)?.window ?? null
  return {
    recent: () => workspaces.map(({ folder }) => folder),
    window: windowOf,
    remember(folder, window) {
      const kept = window ?? windowOf(folder)
      const others = workspaces.filter((entry) => entry.folder !== folder)
      workspaces = [{ folder, window: kept }, ...others].slice(0, MAX_WORKSPACES)
      save(file, { workspaces })
    },
    forget(folder) {
      workspaces = workspaces.filter((entry) => entry.folder !== folder)
      save(file, { workspaces })
    },
  }
}

function load(file: string): z.infer<typeof ShellState> {
  try {
    return ShellState.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return { workspaces: [] }
  }
}

function save(file: string, state: z.infer<typeof ShellState>): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(`${file}.new`, JSON.stringify(state, null, 2))
    renameSync(`${file}.new`, file)
  } catch (error) {
    console.error(`Cairn cannot keep its window state in ${file}: ${(error as Error).message}`)
  }
}

/** How much of a window's head must be on a display for a person to get hold of it, in pixels. */
const GRIP = { width: 120, height: 40 }

/** Whether a window at `bounds` can be seen and moved on one of the displays there are now. */
export function isReachable(bounds: Bounds, displays: readonly Bounds[]): boolean {
  return displays.some((display) => {
    const across =
      Math.min(bounds.x + bounds.width, display.x + display.width) - Math.max(bounds.x, display.x)
    const head = Math.min(bounds.y + GRIP.height, display.y + display.height) - Math.max(bounds.y, display.y)
    return across >= GRIP.width && head >= GRIP.height / 2
  })
}
