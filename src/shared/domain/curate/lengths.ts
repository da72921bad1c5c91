import { Tokenizer } from '@huggingface/tokenizers'
import { CairnError } from '../../errors.ts'
import type { TokenCounter } from './types.ts'

// As the byte-level tokenizers split before they merge: letters with the space before them, digits by three, symbols.
const PIECES = /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}{1,3}| ?[^\s\p{L}\p{N}]|\s*[\r\n]+|\s+/gu

/** Counts words, groups of up to three digits, and symbols: near what a byte-level tokenizer makes of English. */
export const WORD_COUNTER: TokenCounter = {
  unit: 'words and symbols (estimate)',
  count: (text) => text.match(PIECES)?.length ?? 0,
  pieces: (text) => text.match(PIECES) ?? [],
}

/**
 * Counts tokens as a model does, without special tokens.
 * @param json text of a Hugging Face tokenizer.json
 * @param unit how the manifest names it
 * @throws CairnError `bad_request` when it is none
 */
export function tokenizerCounter(json: string, unit: string): TokenCounter {
  try {
    const tokenizer = new Tokenizer(JSON.parse(json) as object, {})
    tokenizer.encode('try', { add_special_tokens: false })
    const encode = (text: string) => tokenizer.encode(text, { add_special_tokens: false })
    return { unit, count: (text) => encode(text).ids.length, pieces: (text) => encode(text).tokens }
  } catch (cause) {
    throw new CairnError(
      'bad_request',
      `${unit} cannot be used as a tokenizer: ${(cause as Error).message}. Give the tokenizer.json of a model.`,
      {},
      { cause },
    )
  }
}

/** Length in Unicode code points, as Python counts. */
export function characters(text: string): number {
  let count = text.length
  for (let at = 0; at < text.length - 1; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0xd800 || unit > 0xdbff) continue
    const next = text.charCodeAt(at + 1)
    if (next >= 0xdc00 && next <= 0xdfff) {
      count--
      at++
    }
  }
  return count
}

/**
 * Filler that counts as many tokens as wanted, or the nearest fewer that repetition can make. Space at its ends is off.
 * @param unit repeated text
 */
export function fillerOf(unit: string, wanted: number, { count }: TokenCounter): string {
  if (wanted <= 0 || unit.trim() === '') return ''
  const filler = (times: number): string => unit.repeat(times).trim()
  let low = 0
  let high = 1
  while (count(filler(high)) < wanted && high < wanted * 8 + 8) {
    low = high
    high *= 2
  }
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (count(filler(middle)) <= wanted) low = middle
    else high = middle - 1
  }
  return filler(low)
}
