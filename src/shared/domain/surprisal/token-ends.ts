/** Characters that a piece may be searched ahead: what a tokenizer leaves out of a text is short. */
const AHEAD = 64
const BYTE_TOKEN = /^<0x[0-9A-F]{2}>$/

/**
 * Where each token of a text ends, UTF-16. Ends never decrease; a token that stands for part of a character only ends
 * where the character begins, and the last one where the text does.
 * @param tokens as the vocabulary writes them
 * @param byBytes every character of a token stands for one byte of UTF-8 (GPT-2 and its kin); otherwise a token is a
 *   piece of text, with "▁" for a space or "##" where a word goes on, found by looking it up
 */
export function tokenEnds(text: string, tokens: readonly string[], byBytes: boolean): Uint32Array {
  const ends = byBytes ? endsByBytes(text, tokens) : endsByPieces(text, tokens)
  if (ends.length > 0) ends[ends.length - 1] = text.length
  return ends
}

function endsByBytes(text: string, tokens: readonly string[]): Uint32Array {
  const ends = new Uint32Array(tokens.length)
  /** Bytes of the tokens so far; bytes of the characters before `at`. */
  let [due, passed, at] = [0, 0, 0]
  tokens.forEach((token, index) => {
    due += [...token].length
    while (at < text.length) {
      const code = text.codePointAt(at)!
      const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
      if (passed + bytes > due) break
      passed += bytes
      at += code > 0xffff ? 2 : 1
    }
    ends[index] = at
  })
  return ends
}

function endsByPieces(text: string, tokens: readonly string[]): Uint32Array {
  const lower = text.toLowerCase()
  // Where lower case has another length, places cannot be carried over.
  const same = lower.length === text.length
  const ends = new Uint32Array(tokens.length)
  let at = 0
  tokens.forEach((token, index) => {
    const piece = token.replaceAll('▁', ' ').replace(/^##/, '')
    const found = BYTE_TOKEN.test(token)
      ? null
      : (place(text, piece, at) ?? (same ? place(lower, piece, at) : null))
    if (found !== null) at = found
    ends[index] = at
  })
  return ends
}

/** The end of a piece that is the next thing, or stands close by; null where it is not there. */
function place(text: string, piece: string, at: number): number | null {
  if (piece === '') return null
  if (text.startsWith(piece, at)) return at + piece.length
  // A space may have been put before a text's first word.
  const bare = piece.trimStart()
  if (bare === '') return null
  if (text.startsWith(bare, at)) return at + bare.length
  const found = text.slice(at, at + AHEAD + bare.length).indexOf(bare)
  return found < 0 ? null : at + found + bare.length
}
