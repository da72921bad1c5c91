const KEY = 'cairn.recent-commands'
const KEPT = 6

/** Ids of the commands last chosen from the palette, the latest first; kept on this device. */
export function recentCommands(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(stored) ? stored.filter((id) => typeof id === 'string') : []
  } catch {
    return []
  }
}

export function rememberCommand(id: string): void {
  const ids = [id, ...recentCommands().filter((other) => other !== id)].slice(0, KEPT)
  localStorage.setItem(KEY, JSON.stringify(ids))
}
