/**
 * SQLite stores UTF-8, which has no form for a lone surrogate. Each is stored as U+FFFD, one UTF-16
 * unit for another so that no offset moves, and kept beside the text as `[offset, unit]` pairs.
 */
export interface StoredText {
  text: string
  /** JSON `[[offset, unit], …]`; null for well-formed text. */
  lone: string | null
}

/** Splits a string into well-formed text and its lone surrogates. Offsets are UTF-16. */
export function toStored(text: string): StoredText {
  if (text.isWellFormed()) return { text, lone: null }
  const lone: [number, number][] = []
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0xd800 || unit > 0xdfff) continue
    const next = text.charCodeAt(index + 1)
    if (unit < 0xdc00 && next >= 0xdc00 && next <= 0xdfff) index++
    else lone.push([index, unit])
  }
  return { text: text.toWellFormed(), lone: JSON.stringify(lone) }
}

/** The string `toStored` was given. */
export function fromStored(text: string, lone: string | null): string {
  if (lone === null) return text
  const parts: string[] = []
  let last = 0
  for (const [offset, unit] of JSON.parse(lone) as [number, number][]) {
    parts.push(text.slice(last, offset), String.fromCharCode(unit))
    last = offset + 1
  }
  return parts.join('') + text.slice(last)
}
