import { decodeBounds, encodeBounds } from '../step-codec.ts'

/** How surprising the tokens of a text are. */
export interface TokenScores {
  /** Where each token ends, UTF-16; the first begins at 0, each other one where the one before ends. */
  ends: Uint32Array
  /** −log₂ p, in bits; NaN where nothing stands before the token. */
  surprisal: Float32Array
  /** Entropy of what was expected in its place, in bits; NaN likewise. */
  entropy: Float32Array
}

/** Scores with memory of their own, so that they can be handed over. */
export interface DecodedScores {
  ends: Uint32Array<ArrayBuffer>
  surprisal: Float32Array<ArrayBuffer>
  entropy: Float32Array<ArrayBuffer>
}

/** Bits are kept to a thousandth or so, up to 63: more surprise than that makes no difference. */
const PER_BIT = 1024
const MOST = 65_534
const UNKNOWN = 65_535

/** Packs scores: about five bytes a token. */
export function encodeScores({ ends, surprisal, entropy }: TokenScores): {
  ends: Uint8Array
  values: Uint8Array
} {
  const fixed = Uint16Array.from([...surprisal, ...entropy], (bits) =>
    Number.isNaN(bits) ? UNKNOWN : Math.min(MOST, Math.max(0, Math.round(bits * PER_BIT))),
  )
  return { ends: encodeBounds(ends), values: new Uint8Array(fixed.buffer) }
}

/** Unpacks what `encodeScores` made. */
export function decodeScores(ends: Uint8Array, values: Uint8Array): DecodedScores {
  const fixed = new Uint16Array(values.slice().buffer)
  const bits = Float32Array.from(fixed, (value) => (value === UNKNOWN ? NaN : value / PER_BIT))
  const half = bits.length / 2
  return { ends: decodeBounds(ends), surprisal: bits.slice(0, half), entropy: bits.slice(half) }
}
