/** A file that was seen and left alone, and why; nothing is passed over silently. */
export interface Skipped {
  name: string
  reason: string
}

const DOCUMENT_NAMES =
  /^(licen[cs]e|readme|notice|copying|authors|citation|changelog|contributing)([._-].*)?$/i

const KINDS: readonly (readonly [string, RegExp])[] = [
  ['documentation', /\.(md|mdx|rst|pdf|docx?|html?|tex|bib)$/i],
  ['program code', /\.(py|pyc|ipynb|sh|js|ts|r|cpp|c|h|cu|rs|go|java|so|dll|exe)$/i],
  ['configuration', /\.(ya?ml|toml|ini|cfg|lock)$/i],
  ['an image or recording', /\.(png|jpe?g|gif|svg|webp|bmp|ico|mp4|webm|wav|mp3)$/i],
  ['model weights', /\.(safetensors|onnx|pt|pth|bin|ckpt|gguf|h5|npy|npz|pkl|pickle)$/i],
  ['a binary dataset or log that cannot be read', /\.(arrow|feather|tfrecord|db|sqlite3?|tfevents.*)$/i],
]

/** Why what Cairn itself wrote is left alone. */
export const OWN_WORKSPACE = 'a Cairn workspace'
/** The file that makes a folder a workspace. */
export const WORKSPACE_FILE = 'cairn.db'

/** The database and the lock, and what SQLite keeps beside them while the workspace is open. */
const WORKSPACE_FILES = /^cairn\.(db|lock)([-.].*)?$/

/**
 * Why a file met inside a directory or archive is not taken as data, or null when it is. Files named
 * by the user never go through this: they are read whatever they are called.
 */
export function skipReason(path: string): string | null {
  const parts = path.split('/')
  const base = parts.at(-1) ?? ''
  if (parts.some((part) => part.startsWith('.') && part !== '.' && part !== '..')) return 'hidden file'
  if (parts.includes('__MACOSX')) return 'archive metadata of macOS'
  if (WORKSPACE_FILES.test(base)) return OWN_WORKSPACE
  if (DOCUMENT_NAMES.test(base)) return 'documentation'
  return KINDS.find(([, pattern]) => pattern.test(base))?.[0] ?? null
}
