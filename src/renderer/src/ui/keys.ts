const MAC = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)

const NAMES: Record<string, string> = {
  mod: MAC ? '⌘' : 'Ctrl',
  shift: MAC ? '⇧' : 'Shift',
  alt: MAC ? '⌥' : 'Alt',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Enter: '↵',
  Escape: 'Esc',
  PageUp: 'PgUp',
  PageDown: 'PgDn',
  ' ': 'Space',
}

/**
 * The name of a pressed key as commands write it: `j`, `J`, `mod+k`, `shift+ArrowDown`, `?`. Shift is
 * named only where it does not already change the character. Control and ⌘ are both `mod`.
 */
export function keyName(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>) {
  const mod = event.ctrlKey || event.metaKey
  const single = event.key.length === 1
  const key = single && mod ? event.key.toLowerCase() : event.key
  const shift = event.shiftKey && (!single || mod)
  return `${mod ? 'mod+' : ''}${event.altKey ? 'alt+' : ''}${shift ? 'shift+' : ''}${key}`
}

/**
 * Whether a key with Control or ⌘ is one that text fields have: they undo, copy, and move or delete by
 * words and lines. Those with ⌥ too are what some systems have for the same.
 */
export const editsText = (key: string): boolean =>
  /^mod\+(alt\+)?(shift\+)?([zyacvx]|Arrow\w+|Home|End|Backspace|Delete|Insert)$/.test(key)

/** The keys of a shortcut as they are printed on keyboards; a space separates keys typed in turn. */
export function keyLabels(shortcut: string): string[] {
  const strokes = shortcut === ' ' ? [shortcut] : shortcut.split(' ')
  return strokes.flatMap((stroke) => {
    // A plus between two names joins them; one at the end is the key itself.
    const parts = stroke.split(/\+(?!$)/)
    const key = parts.at(-1)!
    if (/^[A-Z]$/.test(key)) parts.splice(-1, 1, 'shift', key)
    return parts.map((part) => NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part))
  })
}
