import type { Command } from './command.ts'

/**
 * How well a query fits a title, or null when its letters do not occur in it in order. Letters in a
 * row and at the starts of words count for more; a query that occurs as it was typed, for most.
 */
export function fitness(query: string, title: string): number | null {
  const wanted = query.toLowerCase().replace(/\s+/g, '')
  const text = title.toLowerCase()
  let score = 0
  let from = 0
  let last = -2
  for (const letter of wanted) {
    const at = text.indexOf(letter, from)
    if (at < 0) return null
    const starts = at === 0 || /\W/.test(text[at - 1]!)
    score += at === last + 1 ? 3 : starts ? 2 : 0
    last = at
    from = at + 1
  }
  const whole = text.indexOf(query.trim().toLowerCase())
  if (wanted !== '' && whole >= 0) score += whole === 0 || /\W/.test(text[whole - 1]!) ? 200 : 100
  return score - text.length / 1000
}

/** The commands that fit a query, best first; in their own order when nothing is typed. */
export function findCommands(commands: readonly Command[], query: string): Command[] {
  const shown = new Map(commands.map((command) => [command.id, command]))
  return [...shown.values()]
    .map((command) => ({ command, score: fitness(query, `${command.title} ${command.group}`) }))
    .filter((row): row is { command: Command; score: number } => row.score !== null)
    .sort((a, b) => (query.trim() === '' ? 0 : b.score - a.score))
    .map(({ command }) => command)
}

/** Commands in their own order, but those chosen last come first. */
export function recentFirst(commands: readonly Command[], recent: readonly string[]): Command[] {
  const shown = new Map(commands.map((command) => [command.id, command]))
  const again = recent.map((id) => shown.get(id)).filter((command) => command !== undefined)
  return [...new Set([...again, ...shown.values()])]
}
