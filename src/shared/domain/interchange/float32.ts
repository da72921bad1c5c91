/** Shortest decimals of the multiples of 1/65535, filled as they are met; NaN marks an empty place. */
let fixedPoint: Float64Array | null = null
const SCALE = 65535

/**
 * The number with the fewest decimal digits that `Math.fround` turns back into `value`: what to write
 * into JSON so that a 32-bit probability is short and comes back bit for bit. Multiples of 1/65535,
 * the form in which probabilities are stored, are looked up.
 */
export function shortestFloat32(value: number): number {
  const multiple = Math.round(value * SCALE)
  if (!(multiple >= 0 && multiple <= SCALE) || Math.fround(multiple / SCALE) !== value) return shorten(value)
  fixedPoint ??= new Float64Array(SCALE + 1).fill(NaN)
  const known = fixedPoint[multiple]!
  return Number.isNaN(known) ? (fixedPoint[multiple] = shorten(value)) : known
}

function shorten(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits))
    if (Math.fround(candidate) === value) return candidate
  }
  // Nine significant digits tell any two 32-bit floats apart.
  return Number(value.toPrecision(9))
}
