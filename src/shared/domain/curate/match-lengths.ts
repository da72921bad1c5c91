/**
 * For every wanted length the unused unit nearest to it, when it is near enough. Among equal ones the
 * first is taken.
 */
export function matchLengths<T extends { readonly size: number }>(
  units: readonly T[],
  targets: readonly number[],
  tolerance: number,
): T[] {
  const bySize = units.toSorted((a, b) => a.size - b.size)
  // Where the next unused unit lies to the left and to the right, with paths shortened as they are walked.
  const left = Int32Array.from({ length: bySize.length + 1 }, (_, at) => at)
  const right = Int32Array.from({ length: bySize.length + 1 }, (_, at) => at)
  const find = (next: Int32Array, from: number): number => {
    let at = from
    while (next[at] !== at) at = next[at] = next[next[at]!]!
    return at
  }
  const matched: T[] = []
  // The longest first: they have the fewest neighbours.
  for (const target of targets.toSorted((a, b) => b - a)) {
    let low = 0
    let high = bySize.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (bySize[middle]!.size < target) low = middle + 1
      else high = middle
    }
    const after = find(right, low)
    // `left` is shifted by one, so that 0 stands for "none".
    const before = find(left, low) - 1
    const near = [before, after]
      .filter((at) => at >= 0 && at < bySize.length)
      .sort((a, b) => Math.abs(bySize[a]!.size - target) - Math.abs(bySize[b]!.size - target))[0]
    if (near === undefined || Math.abs(bySize[near]!.size - target) > tolerance * target) continue
    matched.push(bySize[near]!)
    right[near] = near + 1
    left[near + 1] = near
  }
  return matched
}
