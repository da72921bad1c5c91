type Numbers = Int8Array | Uint8Array | Uint32Array | Float32Array | Float64Array

/** Several arrays of numbers as one, one behind the other. */
export function joined<T extends Numbers>(Kind: new (length: number) => T, parts: readonly T[]): T {
  const all = new Kind(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** Where parts of these lengths lie in what they were joined to: begin and end. */
export function ranges(lengths: Iterable<number>): [from: number, to: number][] {
  let at = 0
  return Array.from(lengths, (length) => [at, (at += length)])
}
