import type { z } from 'zod'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import type { Filter } from '#shared/contract/filter.ts'
import type { Histogram, HistogramColumn } from '#shared/contract/traces.ts'
import type { Db } from './connection.ts'
import { compileFilter } from './filter.ts'

/** Distribution of one column over a selection. Runs are named; everything else is a number. */
export function histogram(
  db: Db,
  column: z.infer<typeof HistogramColumn>,
  filter: Filter,
  bins: number,
): Histogram {
  const { sql, params } = compileFilter(filter)
  if (column === 'run') {
    const names = db
      .prepare<typeof params, { name: string; count: number }>(
        `SELECT r.name, count(*) AS count FROM traces t JOIN runs r ON r.id = t.run_id
         WHERE ${sql} GROUP BY t.run_id ORDER BY count DESC, r.name`,
      )
      .all(...params)
    return { kind: 'names', names, missing: 0 }
  }
  const value = `t.${(BEHAVIOURS as readonly string[]).includes(column) ? `${column}_steps` : column}`
  const { least, most, missing } = db
    .prepare<typeof params, { least: number | null; most: number | null; missing: number }>(
      `SELECT min(${value}) AS least, max(${value}) AS most, count(*) - count(${value}) AS missing
       FROM traces t WHERE ${sql}`,
    )
    .get(...params)!
  if (least === null || most === null) return { kind: 'numbers', bins: [], missing }
  const width = (most - least) / bins || 1
  const counts = new Array<number>(least === most ? 1 : bins).fill(0)
  const rows = db
    .prepare<(string | number | null)[], { bin: number; count: number }>(
      `SELECT CAST(min((${value} - ?) / ?, ?) AS INTEGER) AS bin, count(*) AS count
       FROM traces t WHERE ${sql} AND ${value} IS NOT NULL GROUP BY bin`,
    )
    .all(least, width, counts.length - 1, ...params)
  for (const { bin, count } of rows) counts[bin] = count
  return {
    kind: 'numbers',
    bins: counts.map((count, bin) => ({
      from: least + bin * width,
      to: bin === counts.length - 1 ? most : least + (bin + 1) * width,
      count,
    })),
    missing,
  }
}
