/**
 * Compact forms in which steps and predictions of a trace are stored: boundaries as varints of gaps
 * and lengths (about 3 bytes a step instead of 8), probabilities as 16-bit fixed point.
 */

/** Encodes flat boundaries `[start0, end0, …]` (UTF-16, ordered, not overlapping). */
export function encodeBounds(bounds: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(bounds.length * 5)
  let size = 0
  let previous = 0
  for (const bound of bounds) {
    let delta = bound - previous
    previous = bound
    while (delta > 0x7f) {
      bytes[size++] = (delta & 0x7f) | 0x80
      delta >>>= 7
    }
    bytes[size++] = delta
  }
  return bytes.slice(0, size)
}

/** Decodes what `encodeBounds` made. */
export function decodeBounds(bytes: Uint8Array): Uint32Array<ArrayBuffer> {
  let count = 0
  for (const byte of bytes) if (byte < 0x80) count++
  const bounds = new Uint32Array(count)
  let position = 0
  let previous = 0
  for (let index = 0; index < count; index++) {
    let delta = 0
    let shift = 0
    let byte = bytes[position++]!
    while (byte >= 0x80) {
      delta |= (byte & 0x7f) << shift
      shift += 7
      byte = bytes[position++]!
    }
    previous += (delta | (byte << shift)) >>> 0
    bounds[index] = previous
  }
  return bounds
}

const SCALE = 65535

/** Rounds probabilities in [0, 1] to multiples of 1/65535, little-endian. */
export function encodeProbabilities(probabilities: Float32Array): Uint8Array {
  const fixed = new Uint16Array(probabilities.length)
  for (let index = 0; index < fixed.length; index++) {
    fixed[index] = Math.round(Math.min(1, Math.max(0, probabilities[index]!)) * SCALE)
  }
  return new Uint8Array(fixed.buffer)
}

/** Decodes what `encodeProbabilities` made; encoding the result gives the same bytes. */
export function decodeProbabilities(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const fixed = new Uint16Array(bytes.slice().buffer)
  return Float32Array.from(fixed, (value) => value / SCALE)
}
