import { posix, win32 } from 'node:path'
import type { ExportContainer, ExportFormat } from '#shared/contract/exports.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { countBehaviours } from '#shared/domain/counts.ts'
import type { OffsetUnit } from '#shared/domain/offsets.ts'
import type { Json } from '#shared/domain/trace.ts'
import type { ExportTrace } from './types.ts'

/** What only the caller knows about an export. */
export interface ManifestFacts {
  /** Version of Cairn. */
  cairn: string
  /** The selection that was exported. */
  filter: Json
  /** The files the traces came from. Of an absolute path only the file's name is kept. */
  sources: readonly { name: string; sha256: string | null; bytes: number }[]
}

/** Collects what the manifest says about the traces themselves. */
export interface Tally {
  add(trace: ExportTrace): void
  result(): { counts: Json; runs: Json; models: Json; segmenters: Json }
}

/** Path of the manifest of an exported file. */
export function manifestPath(path: string): string {
  return `${path}.manifest.json`
}

/** A tally of no traces yet. */
export function createTally(): Tally {
  const counts = { traces: 0, correct: 0, incorrect: 0, classified: 0, labelled: 0, annotations: 0 }
  let steps = 0
  let illFormed = 0
  const behaviours = BEHAVIOURS.map(() => ({ steps: 0, episodes: 0 }))
  const runs = new Map<string, number>()
  const models = new Map<string, { model: string; version: string }>()
  const segmenters = new Set<number>()
  const own = new Map<string, { labels: number; traces: number; steps: number; episodes: number }>()
  const ofOwn = (name: string) => {
    const known = own.get(name) ?? { labels: 0, traces: 0, steps: 0, episodes: 0 }
    own.set(name, known)
    return known
  }
  return {
    add(trace) {
      counts.traces++
      if (trace.correct !== null) counts[trace.correct ? 'correct' : 'incorrect']++
      if (trace.annotations.length + trace.own.labels.length > 0) counts.labelled++
      counts.annotations += trace.annotations.length
      steps += (trace.bounds?.length ?? 0) / 2
      if (!trace.response.isWellFormed() || !trace.prompt.isWellFormed()) illFormed++
      runs.set(trace.run, (runs.get(trace.run) ?? 0) + 1)
      if (trace.segmenter !== null) segmenters.add(trace.segmenter)
      for (const { behaviour } of trace.own.labels) ofOwn(behaviour).labels++
      for (const said of trace.own.predictions) {
        const known = ofOwn(said.behaviour)
        known.traces++
        known.steps += said.steps
        known.episodes += said.episodes
      }
      if (trace.prediction === null) return
      counts.classified++
      const { model, version, probabilities, thresholds } = trace.prediction
      models.set(JSON.stringify([model, version]), { model, version })
      const shown = countBehaviours(probabilities, thresholds)
      for (const [index, total] of behaviours.entries()) {
        total.steps += shown.steps[index]!
        total.episodes += shown.episodes[index]!
      }
    },
    result() {
      const named = Object.fromEntries(BEHAVIOURS.map((name, index) => [name, behaviours[index]!] as const))
      return {
        counts: {
          ...{ ...counts, steps, lone_surrogates: illFormed, behaviours: named },
          ...(own.size > 0 && { own: Object.fromEntries(sortedByKey(own)) }),
        },
        runs: sortedByKey(runs).map(([run, traces]) => ({ run, traces })),
        models: sortedByKey(models).map(([, model]) => model),
        segmenters: [...segmenters].sort((a, b) => a - b),
      }
    },
  }
}

/**
 * The manifest's text: what was exported from what, by which models, and the checksum of the result.
 * It holds no time, no machine path and not the file's own name, so that the same inputs make the same
 * bytes.
 */
export function manifestText(
  options: { format: ExportFormat; container: ExportContainer; offsetUnit: OffsetUnit },
  facts: ManifestFacts,
  tally: Tally,
  output: { rows: number; bytes: number; sha256: string },
): string {
  const { counts, runs, models, segmenters } = tally.result()
  const sources = facts.sources
    .map(({ name, sha256, bytes }) => ({ name: portableName(name), sha256, bytes }))
    .sort((a, b) => compare(a.name, b.name) || compare(a.sha256 ?? '', b.sha256 ?? '') || a.bytes - b.bytes)
  const manifest = {
    manifest: 'cairn.export',
    version: 1,
    cairn: facts.cairn,
    format: options.format,
    container: options.container,
    offset_unit: options.offsetUnit,
    output: { rows: output.rows, bytes: output.bytes, sha256: output.sha256 },
    filter: withSortedKeys(facts.filter),
    counts,
    runs,
    models,
    segmenters,
    sources,
  }
  return JSON.stringify(manifest, null, 2) + '\n'
}

function portableName(name: string): string {
  if (posix.isAbsolute(name)) return posix.basename(name)
  return win32.isAbsolute(name) ? win32.basename(name) : name
}

function withSortedKeys(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return (value as readonly Json[]).map(withSortedKeys)
  const entries = Object.entries(value).filter(([, part]) => part !== undefined)
  return Object.fromEntries(
    entries.sort(([a], [b]) => compare(a, b)).map(([key, part]) => [key, withSortedKeys(part)]),
  )
}

function sortedByKey<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map].sort(([a], [b]) => compare(a, b))
}

/** Order of UTF-16 code units: the same on every machine, unlike a locale's. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
