import type { CairnBridge } from '../../../../preload/bridge.ts'

/** What to say when a browser keeps the paths to itself. */
export const NO_PATHS = 'A browser does not tell where a file lies. Type its path.'

/** Paths of dropped files; null in a browser, which keeps them to itself. */
export function droppedPaths(
  data: DataTransfer | null,
  bridge: Pick<CairnBridge, 'pathOf'> | undefined,
): string[] | null {
  if (bridge === undefined || data === null) return null
  return [...data.files].map((file) => bridge.pathOf(file)).filter((path) => path !== '')
}
