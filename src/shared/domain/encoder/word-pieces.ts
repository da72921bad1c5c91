import { Tokenizer } from '@huggingface/tokenizers'
import { WERE_MARKS, WERE_PUNCTUATION, YOUNGER } from './newer-unicode.ts'

/** Ids of a text's word pieces, without any that mark its begin or end. */
export type WordPieces = (text: string) => readonly number[]

/** Pieces of words met so far that are remembered; traces say the same words again and again. */
const REMEMBERED = 50_000

/** Ideographs beyond the basic plane, each a word of its own to the reference; U+2B820–2B91F are left out by it. */
const RARE_IDEOGRAPHS = /[\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu
/** Letters that no vocabulary has, and a punctuation mark that none has. */
const UNKNOWN_LETTER = '\u{378}'
const UNKNOWN_MARK = '‽'

/**
 * BERT's word pieces exactly as the reference tokenizer of the training code cuts them (Hugging Face tokenizers
 * 0.23, Rust). The JavaScript library differs from it in ideographs beyond the basic plane, in the capital sigma
 * at the end of a word and in characters younger than Unicode 8; they are brought into a form that both read alike.
 *
 * @param definition a parsed `tokenizer.json` of BERT's kind: its words never reach over white space
 * @throws Error when the library cannot read the definition
 */
export function createWordPieces(definition: object): WordPieces {
  const tokenizer = new Tokenizer(definition, {})
  const known = new Map<string, readonly number[]>()

  const read = (word: string): readonly number[] => {
    const { ids } = tokenizer.encode(alike(word), { add_special_tokens: false })
    if (known.size >= REMEMBERED) known.clear()
    known.set(word, ids)
    return ids
  }

  return (text) => {
    const pieces: number[] = []
    for (const word of text.split(/[ \t\n\r]+/)) {
      if (word === '') continue
      for (const id of known.get(word) ?? read(word)) pieces.push(id)
    }
    return pieces
  }
}

function alike(word: string): string {
  return word
    .replaceAll('Σ', 'σ')
    .replace(RARE_IDEOGRAPHS, ' $& ')
    .replace(YOUNGER, UNKNOWN_LETTER)
    .replace(WERE_PUNCTUATION, UNKNOWN_MARK)
    .replace(WERE_MARKS, '')
}
