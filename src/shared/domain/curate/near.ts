import { hashText } from './hash.ts'

/** Words in a shingle. */
const SHINGLE = 5
const HASHES = 64
const PRIME = 4294967291

/** Multipliers and offsets of the permutations; fixed, so that signatures are the same everywhere. */
const SEEDS = Array.from({ length: HASHES }, (_, at) => hashText(`minhash ${at}`) >>> 0 || 1)

/** Words of a text as near-duplicates see them: lower case, digits kept, other signs dropped. */
function shinglesOf(text: string): Uint32Array {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  if (words.length === 0) return new Uint32Array(0)
  const last = Math.max(1, words.length - SHINGLE + 1)
  const found = new Set<number>()
  for (let at = 0; at < last; at++) found.add(hashText(words.slice(at, at + SHINGLE).join(' ')) >>> 0)
  return Uint32Array.from(found)
}

/** MinHash signature (Broder 1997) over shingles of five words; null for a text without words. */
export function signatureOf(text: string): Uint32Array | null {
  const shingles = shinglesOf(text)
  if (shingles.length === 0) return null
  const signature = new Uint32Array(HASHES).fill(0xffffffff)
  for (const shingle of shingles) {
    for (let at = 0; at < HASHES; at++) {
      // xorshift-multiply of the shingle with the permutation's seed: cheap and well mixed.
      let value = Math.imul(shingle ^ SEEDS[at]!, 0x9e3779b1)
      value = Math.imul(value ^ (value >>> 15), 0x85ebca77)
      value = (value ^ (value >>> 13)) >>> 0
      if (value < signature[at]!) signature[at] = value
    }
  }
  return signature
}

/** Estimated Jaccard similarity of two signatures. */
export function similarity(a: Uint32Array, b: Uint32Array): number {
  let same = 0
  for (let at = 0; at < HASHES; at++) if (a[at] === b[at]) same++
  return same / HASHES
}

/** Finds earlier texts that are nearly the same, by banded signatures (locality-sensitive hashing). */
export interface NearIndex {
  /** The earlier text most like this one, at or above the threshold, or null; this one is added when there is none. */
  match(text: string, id: number): { id: number; similarity: number } | null
}

/** @param threshold least estimated Jaccard similarity of shingles, 0.3 to 1 */
export function createNearIndex(threshold: number): NearIndex {
  // With b bands of r rows two texts of similarity (1/b)^(1/r) meet in half of all cases; a margin below the threshold
  // makes misses rare.
  const rows = [8, 4, 2, 1].find((size) => (size / HASHES) ** (1 / size) <= threshold - 0.1) ?? 1
  const bands = HASHES / rows
  const buckets = Array.from({ length: bands }, () => new Map<number, number[]>())
  const kept: { id: number; signature: Uint32Array }[] = []
  const keyOf = (signature: Uint32Array, band: number): number => {
    let key = 17 + band
    for (let at = band * rows; at < (band + 1) * rows; at++) key = (key * 31 + signature[at]!) % PRIME
    return key
  }
  return {
    match(text, id) {
      const signature = signatureOf(text)
      if (signature === null) return null
      const keys = buckets.map((_, band) => keyOf(signature, band))
      const candidates = new Set(keys.flatMap((key, band) => buckets[band]!.get(key) ?? []))
      let best: { id: number; similarity: number } | null = null
      for (const at of candidates) {
        const other = kept[at]!
        const like = similarity(signature, other.signature)
        if (like >= threshold && (best === null || like > best.similarity))
          best = { id: other.id, similarity: like }
      }
      if (best !== null) return best
      for (const [band, key] of keys.entries()) {
        const bucket = buckets[band]!.get(key)
        if (bucket === undefined) buckets[band]!.set(key, [kept.length])
        else bucket.push(kept.length)
      }
      kept.push({ id, signature })
      return null
    },
  }
}
