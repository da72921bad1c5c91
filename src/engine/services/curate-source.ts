import { posix, win32 } from 'node:path'
import type { Filter } from '#shared/contract/filter.ts'
import type { CurateTrace } from '#shared/domain/curate/index.ts'
import { CairnError } from '#shared/errors.ts'
import type { AnnotationStore } from '../db/annotations.ts'
import type { OwnStore } from '../db/own.ts'
import type { SourceRow, SourceStore } from '../db/sources.ts'
import type { FullTrace, TraceStore } from '../db/traces.ts'
import { snapshotOf } from './snapshot.ts'

/** Traces read by one statement. */
const PAGE = 64

/** An input of a data set, under a name that does not tell where it lay. */
export interface CurateInputFile {
  readonly name: string
  readonly sha256: string | null
  readonly bytes: number
}

/** Traces as recipes read them. */
export interface CurateSource {
  readonly total: number
  /** In the order of import, on which ids depend. */
  readonly inputs: readonly CurateInputFile[]
  /** In the order of import, a page at a time. */
  pages(signal: AbortSignal): AsyncGenerator<readonly CurateTrace[]>
  /** Traces by id, in the order asked for. @throws CairnError `conflict` when one is gone */
  read(ids: readonly number[]): CurateTrace[]
}

interface Stores {
  traces: TraceStore
  sources: SourceStore
  annotations: AnnotationStore
  own: Pick<OwnStore, 'list'>
}

/** The traces of a selection. */
export function createCurateSource(
  { traces, sources, annotations, own }: Stores,
  filter: Filter,
): CurateSource {
  const selected = snapshotOf(traces, filter, PAGE)
  const ids = traces.sourceIds(filter)
  const files = ids.map((id) => sources.get(id)!)
  const names = portableNames(files)
  const nameOf = new Map(ids.map((id, at) => [id, names[at]!]))
  const ownNames = own.list().map(({ id: of, name }) => ({ of, name: name.toLowerCase() }))
  const toCurate = (full: FullTrace): CurateTrace => {
    const { id, run, checkpoint, key, sample, prompt, reward, correct, truncated, tokens } = full.row
    return {
      id,
      source: { name: nameOf.get(full.sourceId)!, row: full.place.row },
      ...{ run, checkpoint, key, sample, prompt, reward, correct, truncated, tokens },
      messages: full.messages,
      response: full.response,
      reference: full.reference,
      metadata: full.metadata,
      textHash: full.textHash,
      bounds: full.bounds,
      segmenter: full.segmenter,
      prediction: full.prediction,
      annotations: full.row.annotations === 0 ? [] : annotations.ofTrace(id),
      own: Object.fromEntries(
        ownNames.flatMap(({ of, name }) =>
          full.row.own[of] === undefined ? [] : [[name, full.row.own[of]]],
        ),
      ),
    }
  }
  return {
    total: selected.total,
    inputs: files.map(({ sha256, bytes }, at) => ({ name: names[at]!, sha256, bytes })),
    async *pages(signal) {
      for (const page of selected.pages()) {
        if (signal.aborted) throw new CairnError('cancelled', 'Stopped. Nothing was written.')
        yield page.map(toCurate)
      }
    },
    read(ids) {
      // One statement for many is four times as quick as one for each.
      const found = new Map(traces.page({ ids: [...ids] }, 0, ids.length).map((full) => [full.row.id, full]))
      return ids.map((id) => {
        const full = found.get(id)
        if (full !== undefined) return toCurate(full)
        throw new CairnError('conflict', `Trace ${id} was removed while the set was made; start again.`, {
          id,
        })
      })
    },
  }
}

/**
 * Names of files (forward slashes, on Windows too) without the folders that all of them share. Of members of an archive
 * (`/d/d.zip!run/a.jsonl`) those of the archive are meant: the set is made again from that.
 */
export function portableNames(sources: readonly Pick<SourceRow, 'name' | 'path'>[]): string[] {
  const files = sources.map(fileOf)
  const short = withoutFolders(files)
  return sources.map(({ name }, at) => short[at]! + name.slice(files[at]!.length))
}

/**
 * The archive that a name begins with, or the whole name: folders may have the mark of members in their names, too, and
 * only of what lies on the disk it is known which of them is the archive's.
 */
function fileOf({ name, path }: Pick<SourceRow, 'name' | 'path'>): string {
  const archive = path === null ? null : win32.basename(path)
  for (const { index } of name.matchAll(/!(?!\/)/g)) {
    const file = name.slice(0, index)
    if (archive === null || posix.basename(file) === archive) return file
  }
  return name
}

function withoutFolders(names: readonly string[]): string[] {
  const [first] = names
  if (first === undefined) return []
  const { basename, dirname, relative } = posix
  const isAbsolute = (name: string) => posix.isAbsolute(name) || win32.isAbsolute(name)
  let common = dirname(first)
  while (
    !names.every((name) => name.startsWith(common === '/' ? '/' : `${common}/`)) &&
    common !== dirname(common)
  )
    common = dirname(common)
  const together = names.length > 1 && (common === '.' || names.every((name) => name.startsWith(common)))
  return names.map((name) => {
    const short = together ? relative(common, name) : basename(name)
    return isAbsolute(short) || short.startsWith('..') ? basename(name) : short
  })
}
