import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import {
  createSafety,
  readTrainingRow,
  SAFETY_DEFAULTS,
  type Finding,
  type SafetyOptions,
} from '#shared/domain/curate/index.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import { MANIFEST_FILE } from '../exporters/dataset/folder.ts'
import { openContainer } from '../importers/containers/index.ts'
import { diskFile } from '../importers/input/files.ts'

export interface CheckOptions extends Partial<SafetyOptions> {
  /** Files whose texts must not be in the set. */
  readonly benchmarks?: readonly string[]
}

/** What became of a check. */
export interface CheckReport {
  readonly files: readonly { path: string; split: string; rows: number; unreadable: number }[]
  readonly rows: number
  readonly findings: readonly Finding[]
  /** Files that are no longer what the manifest says; null without a manifest. */
  readonly changed: readonly string[] | null
  /** Rows by what their labels rest on, from the manifest. */
  readonly labels: { readonly [source: string]: number } | null
}

interface Manifest {
  recipe: { rows: { kind: string }; transforms: { [kind: string]: Json }[] }
  counts: { labels: { [source: string]: number } }
  files: { path: string; sha256: string; split: string }[]
}

/**
 * Looks through a training set: a folder of Cairn's, or any folder or file of rows that trainers read.
 * @throws CairnError `input_unreadable` when there is nothing to read
 */
export async function checkDataset(path: string, options: CheckOptions = {}): Promise<CheckReport> {
  const manifest = readManifest(path)
  const kind = manifest?.recipe.rows.kind
  const partial =
    kind === 'branch_pairs' ||
    kind === 'edit_pairs' ||
    kind === 'steps' ||
    (manifest?.recipe.transforms ?? []).some((one) => 'cut' in one)
  const { benchmarks = [], ...given } = options
  const safety = createSafety({ ...SAFETY_DEFAULTS, ...(partial && { answers: false }), ...given })
  for (const benchmark of benchmarks)
    for await (const { value } of records(benchmark))
      for (const text of textsIn(value)) safety.addBenchmark(text, basename(benchmark))

  const files: { path: string; split: string; rows: number; unreadable: number }[] = []
  for (const file of await dataFiles(path, manifest)) {
    const name = relative(path, file).split(sep).join('/') || basename(file)
    const split = manifest?.files.find((known) => known.path === name)?.split ?? splitOf(name)
    const count = { path: name, split, rows: 0, unreadable: 0 }
    for await (const { value, row } of records(file)) {
      const read = value === null ? null : readTrainingRow(value)
      if (read === null) count.unreadable++
      else {
        count.rows++
        safety.add({ file: name, row, split, ...read })
      }
    }
    files.push(count)
  }
  if (files.length === 0)
    throw new CairnError('input_unreadable', `${path} holds no .jsonl, .json or .parquet file.`, { path })
  return {
    files,
    ...safety.finish(),
    changed: manifest === null ? null : await changedFiles(path, manifest),
    labels: manifest?.counts.labels ?? null,
  }
}

function readManifest(path: string): Manifest | null {
  const file = join(path, MANIFEST_FILE)
  if (!existsSync(file)) return null
  const value = JSON.parse(readFileSync(file, 'utf8')) as Manifest & { manifest?: string }
  return value.manifest === 'cairn.dataset' ? value : null
}

async function dataFiles(path: string, manifest: Manifest | null): Promise<string[]> {
  if (!existsSync(path)) throw new CairnError('input_unreadable', `${path} does not exist.`, { path })
  if (statSync(path).isFile()) return [path]
  if (manifest !== null)
    return manifest.files.map((file) => join(path, file.path)).filter((file) => existsSync(file))
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter(
      (entry) =>
        entry.isFile() &&
        /\.(jsonl|json|parquet)$/.test(entry.name) &&
        !/^(dataset_infos?|provenance)\./.test(entry.name),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/** A split by the name of its file, as the Hugging Face hub tells them. */
function splitOf(name: string): string {
  if (/(^|[\W_])(valid(ation)?|val|dev|eval)([\W_]|\d|$)/i.test(name)) return 'validation'
  return /(^|[\W_])test([\W_]|\d|$)/i.test(name) ? 'test' : 'train'
}

/** Every record of a file; null where one cannot be read. */
async function* records(path: string): AsyncGenerator<{ value: Json | null; row: number }> {
  const compression = path.endsWith('.gz') ? 'gzip' : path.endsWith('.zst') ? 'zstd' : 'none'
  const file = diskFile({ name: path, disk: path, path, size: statSync(path).size, compression })
  const { batches } = await openContainer(file)
  for await (const batch of batches)
    for (const item of batch) {
      if ('record' in item) {
        if (item.record.at.row >= 0) yield { value: item.record.value, row: item.record.at.row }
      } else yield { value: null, row: 0 }
    }
}

/** Texts of a benchmark item: every field of some length. */
function textsIn(value: Json | null): string[] {
  if (typeof value === 'string') return value.length >= 20 ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((part) => textsIn(part))
}

async function changedFiles(path: string, { files }: Manifest): Promise<string[]> {
  const changed: string[] = []
  for (const { path: name, sha256 } of files) {
    const file = join(path, name)
    if (!existsSync(file)) changed.push(`${name} is missing`)
    else {
      const hash = createHash('sha256')
      await pipeline(createReadStream(file), hash)
      if (hash.digest('hex') !== sha256) changed.push(`${name} has changed`)
    }
  }
  return changed
}
