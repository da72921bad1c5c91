/** Offset basis and prime of 32-bit FNV-1a (Fowler, Noll, Vo). */
export const FNV_BASIS = 0x811c9dc5 | 0
const FNV_PRIME = 0x01000193

/** One step of FNV-1a over a 16-bit unit. */
export function hashUnit(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, FNV_PRIME)
}

/** Hash of an ordered pair of hashes. */
export function hashPair(left: number, right: number): number {
  return Math.imul(left ^ Math.imul(right, 0x9e3779b1), 0x85ebca6b) ^ (left >>> 15)
}

/** Spreads the bits of a hash so that its low bits can index a table (finalizer of MurmurHash3). */
export function finish(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** Hash of a whole string, for constants. */
export function hashText(text: string): number {
  let hash = FNV_BASIS
  for (let at = 0; at < text.length; at++) hash = hashUnit(hash, text.charCodeAt(at))
  return hash
}
