import { Option, type Command } from 'commander'
import { DEFAULT_WORKSPACE } from './session.ts'

/** Adds `-w, --workspace`, the same on every command that works on one. */
export function addWorkspaceOption(command: Command): Command {
  return command.addOption(
    new Option('-w, --workspace <dir>', 'folder of the workspace')
      .env('CAIRN_WORKSPACE')
      .default(DEFAULT_WORKSPACE),
  )
}
