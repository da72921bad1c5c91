/** A step of one trace and the step of the other that says the same, or nearly. */
export interface StepMatch {
  readonly left: number
  readonly right: number
  /** Share of their words in common, weighted by rarity, 0 to 1. */
  readonly likeness: number
}

const LEAST = 0.5
/** Words in more steps than this tell nothing of where they stand. */
const COMMON = 40
const WORD = /\d+(?:\.\d+)?|\p{L}+|[+\-−*×/÷=^<>≤≥]/gu

/**
 * Steps of two traces that match, in the order of both: of all pairs that share enough words, the chain with the
 * greatest likeness in sum (a heaviest increasing subsequence, found with a Fenwick tree of maxima).
 * @param left,right steps `[start, end, …]`, UTF-16 offsets into their texts
 */
export function matchSteps(
  leftText: string,
  left: Uint32Array,
  rightText: string,
  right: Uint32Array,
): StepMatch[] {
  const [a, b] = [wordsOf(leftText, left), wordsOf(rightText, right)]
  const where = new Map<string, number[]>()
  for (const [step, words] of b.entries())
    for (const word of words) {
      const places = where.get(word)
      if (places === undefined) where.set(word, [step])
      else places.push(step)
    }
  const weight = (word: string) => 1 / (where.get(word)?.length ?? 1)
  const total = (words: ReadonlySet<string>) => [...words].reduce((sum, word) => sum + weight(word), 0)
  const totals = b.map(total)
  const pairs: StepMatch[] = []
  for (const [step, words] of a.entries()) {
    const shared = new Map<number, number>()
    for (const word of words) {
      const places = where.get(word) ?? []
      if (places.length > COMMON) continue
      for (const place of places) shared.set(place, (shared.get(place) ?? 0) + weight(word))
    }
    const own = total(words)
    for (const [place, sum] of shared) {
      const likeness = (2 * sum) / (own + totals[place]!)
      if (likeness >= LEAST) pairs.push({ left: step, right: place, likeness })
    }
  }
  return heaviestChain(pairs, b.length)
}

function wordsOf(text: string, bounds: Uint32Array): ReadonlySet<string>[] {
  return Array.from(
    { length: bounds.length / 2 },
    (_, step) =>
      new Set(
        text
          .slice(bounds[step * 2], bounds[step * 2 + 1])
          .toLowerCase()
          .match(WORD) ?? [],
      ),
  )
}

/** The chain of pairs, rising on both sides, with the greatest sum of likenesses. */
function heaviestChain(pairs: StepMatch[], size: number): StepMatch[] {
  // Of one left step the greatest right comes first, so that it cannot follow another of its own.
  pairs.sort((x, y) => x.left - y.left || y.right - x.right)
  const sums = new Float64Array(pairs.length)
  const before = new Int32Array(pairs.length).fill(-1)
  const best = new Int32Array(size + 1).fill(-1)
  for (const [at, { right, likeness }] of pairs.entries()) {
    let from = -1
    for (let node = right; node > 0; node -= node & -node)
      if (best[node]! >= 0 && (from < 0 || sums[best[node]!]! > sums[from]!)) from = best[node]!
    before[at] = from
    sums[at] = likeness + (from < 0 ? 0 : sums[from]!)
    for (let node = right + 1; node <= size; node += node & -node)
      if (best[node]! < 0 || sums[best[node]!]! < sums[at]) best[node] = at
  }
  const chain: StepMatch[] = []
  let end = sums.reduce((most, sum, at) => (most < 0 || sum > sums[most]! ? at : most), -1)
  for (; end >= 0; end = before[end]!) chain.push(pairs[end]!)
  return chain.reverse()
}
