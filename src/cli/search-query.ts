/** What the query language gives a meaning: operators, `prefix*` and quotes. In `2 * 3` and `**so**` is no prefix. */
const SPOKEN = /(^|[\s(])(AND|OR|NOT|[\p{L}\p{M}\p{N}'’-]+\*)([\s)]|$)|"/u

/**
 * The query that the words of a command line say. One that the shell passed with spaces in it was quoted there: a
 * phrase, unless it is written in the query language itself.
 */
export function toQuery(words: readonly string[]): string {
  return words.map((word) => (/\s/.test(word) && !SPOKEN.test(word) ? `"${word}"` : word)).join(' ')
}
