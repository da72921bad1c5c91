import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/** Workspace that a command line names with `--workspace DIR`, `--workspace=DIR` or `-w DIR`, or null. */
export function workspaceArgument(argv: readonly string[], directory: string): string | null {
  for (const [index, argument] of argv.entries()) {
    const [name, value] = argument.startsWith('--workspace=')
      ? ['--workspace', argument.slice('--workspace='.length)]
      : [argument, argv[index + 1]]
    if ((name === '--workspace' || name === '-w') && value) return canonicalFolder(resolve(directory, value))
  }
  return null
}

/** One name for one folder, whatever links lead to it, also before it is made. */
export function canonicalFolder(folder: string): string {
  try {
    return realpathSync(folder)
  } catch {
    const path = resolve(folder)
    const parent = dirname(path)
    return parent === path ? path : join(canonicalFolder(parent), basename(path))
  }
}
