/**
 * Index of every hash slot: 0 for slots the model does not know, else one plus the rank among those it
 * knows.
 *
 * @param vocabulary base64 of one bit per slot; see `FeatureConfig.vocabulary`
 * @throws RangeError when it does not hold exactly `2 ** bits` bits
 */
export function indexSlots(vocabulary: string, bits: number): { index: Int32Array; size: number } {
  const slots = 2 ** bits
  const packed = Uint8Array.from(atob(vocabulary), (character) => character.charCodeAt(0))
  if (packed.length !== slots / 8) {
    throw new RangeError(
      `the vocabulary holds ${packed.length * 8} slots, ${slots} expected; the model is damaged`,
    )
  }
  const index = new Int32Array(slots)
  let size = 0
  for (let slot = 0; slot < slots; slot++) {
    if ((packed[slot >>> 3]! >>> (slot & 7)) & 1) index[slot] = ++size
  }
  return { index, size }
}
