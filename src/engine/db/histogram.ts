import type { z } from 'zod'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { GRAPH_MEASURES } from '#shared/domain/graph/figures.ts'
import { ownIdOf } from '#shared/domain/own-column.ts'
import { toBins } from '#shared/domain/bins.ts'
import type { Filter } from '#shared/contract/filter.ts'
import type { Histogram, HistogramColumn } from '#shared/contract/traces.ts'
import type { Db } from './connection.ts'
import { ownSteps } from './own-counts.ts'

type ColumnName = z.infer<typeof HistogramColumn>

/** A column as places in the list of its values: 4 bytes a trace, and a count per value is one pass. */
interface Column {
  /** Distinct and rising; the place after the last stands for "not known". */
  readonly values: Float64Array
  /** For each trace, in the order of ids. */
  readonly places: Uint32Array
}

/** Distributions kept, of the selections asked for last. */
const KEPT = 128

export interface Histograms {
  of(column: ColumnName, filter: Filter, bins: number): Histogram
  /** Forgets what a change of labels, or any change to traces, makes wrong. */
  forget(changed: 'labels' | 'traces'): void
}

/**
 * Distributions of columns over selections. A column is read once; another selection then costs one
 * pass over numbers in memory. `idsOf` gives the ids of a selection, rising.
 */
export function createHistograms(db: Db, idsOf: (filter: Filter) => Uint32Array): Histograms {
  const columns = new Map<ColumnName, Column>()
  const made = new Map<string, Histogram>()

  const columnOf = (name: ColumnName): Column => {
    const column = columns.get(name) ?? readColumn(db, name)
    columns.set(name, column)
    return column
  }

  const make = (name: ColumnName, filter: Filter, bins: number): Histogram => {
    const { values, places } = columnOf(name)
    const counts = tally(idsOf({}), idsOf(filter), places, values.length + 1)
    const missing = counts[values.length]!
    const known = counts.subarray(0, values.length)
    if (name === 'run') return { kind: 'names', names: mostFirst(runNames(db, values), known), missing }
    if (name === 'correct')
      return {
        kind: 'names',
        names: named(
          [...values].map((value) => (value === 1 ? 'correct' : 'wrong')).toReversed(),
          known.toReversed(),
        ),
        missing,
      }
    return { kind: 'numbers', bins: toBins(values, known, bins), missing }
  }

  return {
    of(column, filter, bins) {
      const key = JSON.stringify([column, bins, filter])
      const histogram = made.get(key) ?? make(column, filter, bins)
      made.delete(key)
      made.set(key, histogram)
      if (made.size > KEPT) made.delete(made.keys().next().value!)
      return histogram
    },
    forget(changed) {
      if (changed === 'traces') columns.clear()
      for (const key of made.keys()) if (changed === 'traces' || key.includes('"labelled":')) made.delete(key)
    },
  }
}

/** How often each place occurs among the selected; both lists of ids rise. */
function tally(all: Uint32Array, selected: Uint32Array, places: Uint32Array, length: number): Uint32Array {
  const counts = new Uint32Array(length)
  let at = 0
  for (const id of selected) {
    while (all[at]! < id) at++
    counts[places[at] ?? length - 1]!++
  }
  return counts
}

function readColumn(db: Db, name: ColumnName): Column {
  // A million numbers are quicker through as one text than as rows; a scan goes by id.
  const text = db
    .prepare<[], string>(
      `SELECT json_group_array(${expression(name)}) FROM traces t NOT INDEXED${isMeasure(name) ? ' LEFT JOIN graphs g ON g.trace_id = t.id' : ''}`,
    )
    .pluck()
    .get()!
  const given = JSON.parse(text) as (number | null)[]
  const values = Float64Array.from(new Set(given.filter((value) => value !== null))).sort()
  const placeOf = new Map<number | null, number>([[null, values.length]])
  for (const [place, value] of values.entries()) placeOf.set(value, place)
  return { values, places: Uint32Array.from(given, (value) => placeOf.get(value)!) }
}

const isMeasure = (name: ColumnName) => (GRAPH_MEASURES as readonly string[]).includes(name)

function expression(name: ColumnName): string {
  if (isMeasure(name)) return `g.${name}`
  const own = ownIdOf(name)
  if (own !== null) return ownSteps(own)
  if (name === 'run') return 't.run_id'
  if (name === 'correct') return 'coalesce(t.correct, t.verified)'
  return `t.${(BEHAVIOURS as readonly string[]).includes(name) ? `${name}_steps` : name}`
}

function runNames(db: Db, ids: Float64Array): string[] {
  const rows = db.prepare<[], { id: number; name: string }>('SELECT id, name FROM runs').all()
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  return [...ids].map((id) => names.get(id) ?? '')
}

const named = (names: readonly string[], counts: Uint32Array) =>
  names.map((name, at) => ({ name, count: counts[at]! })).filter(({ count }) => count > 0)

const mostFirst = (names: readonly string[], counts: Uint32Array) =>
  named(names, counts).sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
