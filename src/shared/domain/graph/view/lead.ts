/** Of several behaviours on one step, the one that tells most of why a node begins there. */
const ORDER = [1, 2, 0, 3]

/** Index of the behaviour that leads among bits; null where there is none. */
export function leadOf(bits: number): number | null {
  return ORDER.find((index) => (bits >> index) & 1) ?? null
}

/** Behaviours of a step, as bits. @param shown steps × behaviours, 1 where a step shows the behaviour */
export function bitsOf(shown: Uint8Array, step: number): number {
  let bits = 0
  if (step >= 0) for (let at = 0; at < 4; at++) bits |= (shown[step * 4 + at] ?? 0) << at
  return bits
}
