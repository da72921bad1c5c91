/** Spearman's ρ: the correlation of ranks, ties sharing their mean rank. Null when either side is constant. */
export function spearman(left: readonly number[], right: readonly number[]): number | null {
  return pearson(ranks(left), ranks(right))
}

function pearson(left: readonly number[], right: readonly number[]): number | null {
  const [a, b] = [mean(left), mean(right)]
  let both = 0
  let [ofLeft, ofRight] = [0, 0]
  left.forEach((value, index) => {
    const [x, y] = [value - a, right[index]! - b]
    both += x * y
    ofLeft += x * x
    ofRight += y * y
  })
  return ofLeft === 0 || ofRight === 0 ? null : both / Math.sqrt(ofLeft * ofRight)
}

function ranks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!)
  const ranked = new Array<number>(values.length).fill(0)
  for (let from = 0; from < order.length;) {
    let to = from
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++
    for (let at = from; at < to; at++) ranked[order[at]!] = (from + to - 1) / 2
    from = to
  }
  return ranked
}

/** Arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
