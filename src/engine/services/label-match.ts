import type { InterchangeTrace } from '#shared/domain/interchange/types.ts'
import { originKey, type SameText } from '../db/traces.ts'

/**
 * Finds the traces that rows of one label file belong to, among those with the row's text. A row that
 * Cairn wrote belongs to one trace: the one of the same run, checkpoint, key and sample, and where
 * several agree in all of these, the first row to the first, the second to the second. Any other row,
 * and one whose origin this workspace does not know, belongs to every trace with its text.
 */
export function createTraceMatcher(): (
  row: InterchangeTrace,
  hash: string,
  same: SameText,
) => readonly number[] {
  const rowsSeen = new Map<string, number>()
  return (row, hash, same) => {
    if (row.textHash === null) return same.ids
    const origin = originKey(row)
    const ids = same.byOrigin.get(origin)
    if (ids === undefined) return same.ids
    const place = `${hash} ${origin}`
    const before = rowsSeen.get(place) ?? 0
    rowsSeen.set(place, before + 1)
    return [ids[before % ids.length]!]
  }
}
