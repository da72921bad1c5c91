import { LOOKS, titleCase } from '../ui/behaviours.ts'
import type { CommandInfo } from './command.ts'

const KEY = 'cairn.commands'
/** Differs with every build: what another build had may be gone. */
const BUILD = import.meta.url

/** Keys that everyone wants to choose before the first trace is opened; the Trace view brings them. */
const LABELS: readonly CommandInfo[] = LOOKS.map(({ id, name, key }) => ({
  id: `trace-${id}`,
  title: titleCase(name),
  group: 'Label',
  keys: [key],
}))

/** Commands of the views that were open on this device before, by id: their keys can be chosen anywhere. */
export function knownBefore(): ReadonlyMap<string, CommandInfo> {
  return new Map([...LABELS, ...read()].map((command) => [command.id, command]))
}

/** Adds commands to those known, and keeps them when there are new ones. */
export function keepKnown(
  known: ReadonlyMap<string, CommandInfo>,
  commands: readonly CommandInfo[],
): ReadonlyMap<string, CommandInfo> {
  const fresh = commands.some(({ id }) => !known.has(id))
  const all = new Map(known)
  for (const { id, title, group, keys = [] } of commands) all.set(id, { id, title, group, keys })
  if (fresh) localStorage.setItem(KEY, JSON.stringify({ build: BUILD, commands: [...all.values()] }))
  return all
}

function read(): readonly CommandInfo[] {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as {
      build?: unknown
      commands?: CommandInfo[]
    }
    return stored.build === BUILD && Array.isArray(stored.commands) ? stored.commands : []
  } catch {
    return []
  }
}
