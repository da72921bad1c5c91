/** A seeded source of choices: the same seed gives the same choices on every machine. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** A whole number in [low, high]. */
  int(low: number, high: number): number
  chance(probability: number): boolean
  /** One of the items, each as likely. @throws RangeError for an empty list */
  pick<T>(items: readonly T[]): T
  /** One of the items, each as likely as its weight. @throws RangeError for an empty list */
  weighted<T>(items: readonly T[], weight: (item: T) => number): T
  shuffle<T>(items: readonly T[]): T[]
}

/** A generator (sfc32 by C. Doty-Humphrey, seeded by an FNV-1a hash of the text). */
export function createRandom(seed: string): Random {
  let [a, b, c, counter] = [hash(seed, 0), hash(seed, 1), hash(seed, 2), 1]
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    c |= 0
    return (sum >>> 0) / 4294967296
  }
  for (let i = 0; i < 12; i++) next()
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  const at = <T>(items: readonly T[], index: number): T => {
    if (items.length === 0) throw new RangeError('nothing to choose from')
    return items[index]!
  }
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (items) => at(items, int(0, items.length - 1)),
    weighted(items, weight) {
      const weights = items.map(weight)
      let left = next() * weights.reduce((total, one) => total + one, 0)
      const index = weights.findIndex((one) => (left -= one) < 0)
      return at(items, index < 0 ? items.length - 1 : index)
    },
    shuffle(items) {
      const shuffled = [...items]
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = int(0, i)
        ;[shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!]
      }
      return shuffled
    },
  }
}

function hash(text: string, salt: number): number {
  let value = 2166136261 ^ Math.imul(salt, 0x9e3779b1)
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 16777619)
  value ^= value >>> 15
  value = Math.imul(value, 0x85ebca6b)
  return (value ^ (value >>> 13)) | 0
}
