import type { Db } from './connection.ts'

/**
 * Makes one reject of those of a source that hold the same record. Earlier versions stored one for every
 * bad element, each with the whole record. Answers which reject now counts for each that went.
 */
export function createRejectMerge(db: Db): (sourceId: number) => ReadonlyMap<number, number> {
  // Places first: comparing every record with every other would read all of them.
  const places = db.prepare<[number], { ids: string }>(`
    SELECT json_group_array(id) AS ids FROM rejects WHERE source_id = ? AND length(raw) > 0
    GROUP BY row, line, byte_offset HAVING count(*) > 1`)
  const records = db.prepare<[string], { ids: string; traces: number }>(`
    SELECT json_group_array(id ORDER BY id) AS ids, sum(traces) AS traces FROM rejects
    WHERE id IN (SELECT value FROM json_each(?)) GROUP BY raw HAVING count(*) > 1`)
  const count = db.prepare('UPDATE rejects SET traces = ? WHERE id = ?')
  const drop = db.prepare('DELETE FROM rejects WHERE id = ?')

  return db.transaction((sourceId: number) => {
    const merged = new Map<number, number>()
    for (const place of places.all(sourceId)) {
      for (const { ids, traces } of records.all(place.ids)) {
        const [kept, ...gone] = JSON.parse(ids) as [number, ...number[]]
        count.run(traces, kept)
        for (const id of gone) {
          drop.run(id)
          merged.set(id, kept)
        }
      }
    }
    return merged
  })
}
