import type { CommandInfo } from './command.ts'

/** Groups whose commands are at hand in every view. */
const EVERYWHERE: readonly string[] = ['Go to', 'Workspace', 'Look']
/** Labelling happens within other views. */
const WITHIN_OTHERS = 'Label'

/** Whether commands of two groups can be at hand at the same time. */
function meet(a: string, b: string): boolean {
  return a === b || [a, b].some((group) => EVERYWHERE.includes(group) || group === WITHIN_OTHERS)
}

/** Whether one shortcut keeps the other from being typed: the same, or its beginning. */
export function clash(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b} `) || b.startsWith(`${a} `)
}

/**
 * Commands that a shortcut of `command` would be in the way of.
 * @param keysOf the keys that each command has now
 */
export function conflictsOf<T extends CommandInfo>(
  command: CommandInfo,
  shortcut: string,
  commands: readonly T[],
  keysOf: (command: CommandInfo) => readonly string[],
): T[] {
  return commands.filter(
    (other) =>
      other.id !== command.id &&
      meet(other.group, command.group) &&
      keysOf(other).some((key) => clash(key, shortcut)),
  )
}
