import type { Command } from 'commander'

/**
 * The options of a command and of the one above it, which takes those that both have. Ends the process when one of
 * the command above was given that this one has no use for.
 * @param heeded names of the options above that have a meaning here
 */
export function optionsOfBoth<T extends object>(command: Command, heeded: readonly string[]): T {
  const above = command.parent!
  const other = above.options.find((option) => {
    const name = option.attributeName()
    return !heeded.includes(name) && above.getOptionValueSource(name) === 'cli'
  })
  if (other !== undefined)
    command.error(`error: option '${other.flags}' has no meaning for "${above.name()} ${command.name()}"`)
  return command.optsWithGlobals<T>()
}
