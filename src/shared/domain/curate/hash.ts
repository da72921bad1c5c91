/**
 * A 53-bit hash of a text, the same everywhere: two rounds of 32-bit multiply and mix (after MurmurHash3's finaliser).
 * For choosing and grouping, not for security.
 */
export function hashText(text: string, seed = 0): number {
  let low = 0x9e3779b9 ^ seed
  let high = 0x85ebca6b ^ Math.imul(seed, 0xc2b2ae35)
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    low = Math.imul(low ^ unit, 0x5bd1e995)
    high = Math.imul(high ^ unit, 0x1b873593)
    low ^= low >>> 15
    high ^= high >>> 13
  }
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35)
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35)
  return (high & 0x1fffff) * 4294967296 + (low >>> 0)
}

/** A prompt as duplicates and splits see it: case and space are no difference. */
export function promptKey(prompt: string): number {
  return hashText(prompt.toLowerCase().replace(/\s+/g, ' ').trim())
}
