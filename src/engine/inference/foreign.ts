import { readFileSync } from 'node:fs'
import { Tokenizer } from '@huggingface/tokenizers'
import type { Tensor } from 'onnxruntime-node'
import type { ForeignManifest } from '#shared/domain/models/manifest.ts'
import { CairnError } from '#shared/errors.ts'
import { pathFor, verifiedPath } from './models.ts'
import { ort } from './onnxruntime.ts'

/** Tokens given to a model of another maker at once, padding counted. */
export const RUN_TOKENS = { cpu: 4096, cuda: 65_536 }

export interface ForeignTokenizer {
  /** Its tokens are runs of UTF-8 bytes, each byte written as a character. */
  readonly byBytes: boolean
  /** Ids of a text's tokens, no special ones among them. */
  ids(text: string): number[]
  /** The token of an id, as its vocabulary writes it. */
  token(id: number): string
  /**
   * A text as the model reads it, special tokens around it, in as many windows as it takes, at least one. Of two
   * neighbours the second repeats a quarter of the first.
   */
  windows(text: string): number[][]
}

/**
 * Path of the model's file for a provider; weights that lie beside it are checked first.
 * @throws CairnError `model_invalid`
 */
export function foreignPath({ files, data }: ForeignManifest, modelDir: string) {
  for (const file of data) verifiedPath(modelDir, file)
  return pathFor(modelDir, files.model)
}

/**
 * Opens the tokenizer of another maker's model.
 * @throws CairnError `model_invalid` when it is none that can be used
 */
export function openTokenizer({ id, files, maxTokens }: ForeignManifest, modelDir: string): ForeignTokenizer {
  let tokenizer: Tokenizer
  let unknown: number
  let around: { before: number[]; after: number[] }
  let byBytes: boolean
  try {
    const definition = JSON.parse(readFileSync(pathFor(modelDir, files.tokenizer)('cpu')!, 'utf8')) as {
      model?: { unk_token?: string }
      pre_tokenizer?: unknown
    }
    byBytes = JSON.stringify(definition.pre_tokenizer ?? null).includes('"type":"ByteLevel"')
    tokenizer = new Tokenizer(definition, {})
    // The library leaves ids out for words that some kinds of tokenizers do not know.
    unknown = tokenizer.token_to_id(definition.model?.unk_token ?? '') ?? 0
    around = specialTokens(tokenizer)
  } catch (cause) {
    if (cause instanceof CairnError) throw cause
    throw new CairnError(
      'model_invalid',
      `The tokenizer of ${id} cannot be used: ${(cause as Error).message}.`,
      { model: id },
    )
  }
  const room = maxTokens - around.before.length - around.after.length
  const stride = Math.max(1, Math.ceil((room * 3) / 4))
  const ids = (text: string): number[] =>
    (tokenizer.encode(text, { add_special_tokens: false }).ids as (number | undefined)[]).map(
      (one) => one ?? unknown,
    )
  return {
    byBytes,
    ids,
    token: (id) => tokenizer.id_to_token(id) ?? '',
    windows(text) {
      const all = ids(text)
      const windows: number[][] = []
      for (let at = 0; windows.length === 0 || at + (room - stride) < all.length; at += stride) {
        windows.push([...around.before, ...all.slice(at, at + room), ...around.after])
        if (at + room >= all.length) break
      }
      return windows
    },
  }
}

/** What a tokenizer puts before and after every text. */
function specialTokens(tokenizer: Tokenizer): { before: number[]; after: number[] } {
  const plain = tokenizer.encode('a', { add_special_tokens: false }).ids
  const full = tokenizer.encode('a').ids
  const at = full.findIndex((_, from) => plain.every((id, index) => full[from + index] === id))
  return at < 0
    ? { before: [], after: [] }
    : { before: full.slice(0, at), after: full.slice(at + plain.length) }
}

/** Rows of tokens as a model takes them: filled up to the longest, with a mask that says how far each goes. */
export function tokenFeed(
  rows: readonly (readonly number[])[],
  { inputs, pad }: Pick<ForeignManifest, 'inputs' | 'pad'>,
): Record<string, Tensor> {
  const width = Math.max(...rows.map((row) => row.length))
  const size = rows.length * width
  const ids = new BigInt64Array(size).fill(BigInt(pad))
  const mask = new BigInt64Array(size)
  const places = new BigInt64Array(size)
  rows.forEach((row, at) => {
    ids.set(row.map(BigInt), at * width)
    mask.fill(1n, at * width, at * width + row.length)
    for (let place = 0; place < width; place++) places[at * width + place] = BigInt(place)
  })
  const tensor = (values: BigInt64Array) => new ort.Tensor('int64', values, [rows.length, width])
  return {
    input_ids: tensor(ids),
    ...(inputs.includes('attention_mask') && { attention_mask: tensor(mask) }),
    ...(inputs.includes('token_type_ids') && { token_type_ids: tensor(new BigInt64Array(size)) }),
    ...(inputs.includes('position_ids') && { position_ids: tensor(places) }),
  }
}
