/** What the first bytes of a file say it is wrapped in; names are never trusted for this. */
export type Magic = 'gzip' | 'zstd' | 'zip' | 'parquet' | 'tar' | 'bzip2' | 'xz' | null

/** Bytes of a file's beginning that `detectMagic` needs at most. */
export const MAGIC_BYTES = 265

/** Recognises compression and binary containers by their magic numbers. */
export function detectMagic(head: Uint8Array): Magic {
  const starts = (...bytes: number[]) => bytes.every((byte, index) => head[index] === byte)
  if (starts(0x1f, 0x8b)) return 'gzip'
  // A zstd file may begin with a skippable frame (0x184D2A50 to 5F, little endian).
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return 'zstd'
  if ((head[0] ?? 0) >> 4 === 5 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18) return 'zstd'
  // Local file header, or the end record of an empty archive.
  if (starts(0x50, 0x4b, 0x03, 0x04) || starts(0x50, 0x4b, 0x05, 0x06)) return 'zip'
  if (starts(0x50, 0x41, 0x52, 0x31)) return 'parquet'
  if (starts(0x42, 0x5a, 0x68)) return 'bzip2'
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)) return 'xz'
  if (head.length >= 262 && Buffer.from(head.subarray(257, 262)).toString('latin1') === 'ustar') return 'tar'
  return null
}
