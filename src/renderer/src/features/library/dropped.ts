import type { CairnBridge } from '../../../../preload/bridge.ts'

/** Paths of dropped files; null in a browser, which keeps them to itself. */
export function droppedPaths(
  data: DataTransfer | null,
  bridge: Pick<CairnBridge, 'pathOf'> | undefined,
): string[] | null {
  if (bridge === undefined || data === null) return null
  return [...data.files].map((file) => bridge.pathOf(file)).filter((path) => path !== '')
}
