/** The folder that all paths begin with, with its separator; empty when there is none. */
export function commonFolder(paths: readonly string[]): string {
  const [first = ''] = paths
  let length = Math.max(first.lastIndexOf('/'), first.lastIndexOf('\\')) + 1
  for (const path of paths) {
    while (length > 0 && !path.startsWith(first.slice(0, length))) {
      const shorter = first.slice(0, length - 1)
      length = Math.max(shorter.lastIndexOf('/'), shorter.lastIndexOf('\\')) + 1
    }
  }
  return first.slice(0, length)
}
