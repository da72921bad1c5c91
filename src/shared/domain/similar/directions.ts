/** The greatest of the 8-bit numbers that a direction is kept in. */
const MOST = 127

/**
 * Vectors as directions of 8-bit numbers, each scaled by its own largest number. How long a vector was is not kept:
 * directions alone are compared. The cosine of two of them differs from that of the vectors by about 0.003 at most.
 * @param vectors one after another, each of `width` numbers
 */
export function toDirections(vectors: Float32Array, width: number): Int8Array {
  const directions = new Int8Array(vectors.length)
  for (let from = 0; from < vectors.length; from += width) {
    let largest = 0
    for (let at = from; at < from + width; at++) largest = Math.max(largest, Math.abs(vectors[at]!))
    // Numbers that are no numbers say nothing: the row becomes one of zeros, which is like nothing.
    if (!(largest > 0 && largest < Infinity)) continue
    const scale = MOST / largest
    for (let at = from; at < from + width; at++) directions[at] = Math.round(vectors[at]! * scale)
  }
  return directions
}

/** The direction of the sum of directions, of which each counts the same whatever its length. */
export function meanDirection(directions: Int8Array, width: number): Int8Array {
  const sum = new Float32Array(width)
  for (let from = 0; from < directions.length; from += width) {
    const one = directions.subarray(from, from + width)
    const length = Math.hypot(...one)
    if (length > 0) one.forEach((value, at) => (sum[at]! += value / length))
  }
  return toDirections(sum, width)
}
