import { seeded } from '../random.ts'
import { toDirections } from './directions.ts'
import { createNearest } from './nearest.ts'
import { createShelf, type Shelf } from './shelf.ts'

/** Rows that the middles of groups are learnt on; all rows are then sorted into them. */
const SAMPLE = 30_000
const ROUNDS = 25

/** Rows that are like each other. */
export interface Group {
  rows: number
  /** Mean cosine of its rows to its middle. */
  closeness: number
  /** Rows nearest to the middle, nearest first. */
  nearest: number[]
}

interface Sorting {
  /** Groups wanted; fewer come of it where there are fewer different vectors. */
  count: number
  seed: number
  /** Rows named of each group. */
  keep: number
  /** Hears how far it is, in rows compared with the middles: at most `total`, and fewer where it settles early. */
  tell?: ((done: number, total: number) => void) | undefined
}

/**
 * Sorts vectors into groups of like direction: spherical k-means (Dhillon and Modha, 2001) on a sample, begun with
 * k-means++ (Arthur and Vassilvitskii, 2007), largest group first. The same seed gives the same groups.
 * @param members rows that take part
 */
export function groupRows(
  shelf: Shelf,
  members: Uint32Array,
  { count, seed, keep, tell = () => undefined }: Sorting,
): Group[] {
  const random = seeded(seed)
  const sample = createShelf(shelf.width)
  const rows = drawn(members, SAMPLE, random)
  for (const row of rows) sample.add(shelf.row(row))
  // To begin costs about a round, too.
  const total = sample.rows * (1 + ROUNDS) + shelf.rows
  let middles = beginnings(sample, count, random)
  let before: Uint16Array | null = null
  for (let turn = 0; turn < ROUNDS; turn++) {
    tell(sample.rows * (1 + turn), total)
    const { group } = assign(sample, middles)
    if (before !== null && group.every((one, row) => one === before![row])) break
    middles = moved(sample, middles, group)
    before = group
  }
  tell(sample.rows * (1 + ROUNDS), total)
  const { group, cosine } = assign(shelf, middles)
  const found = middles.map(() => ({ rows: 0, sum: 0, nearest: createNearest(keep) }))
  for (const row of members) {
    const own = found[group[row]!]!
    own.rows++
    own.sum += cosine[row]!
    own.nearest.offer(row, cosine[row]!)
  }
  return found
    .filter((one) => one.rows > 0)
    .map((one) => ({
      rows: one.rows,
      closeness: one.sum / one.rows,
      nearest: one.nearest.finish().map(({ row }) => row),
    }))
    .sort((a, b) => b.rows - a.rows)
}

/** Some of the rows, in order (selection sampling, Knuth's algorithm S). */
function drawn(rows: Uint32Array, most: number, random: () => number): number[] {
  const found: number[] = []
  const wanted = Math.min(most, rows.length)
  for (let at = 0; at < rows.length && found.length < wanted; at++)
    if (random() * (rows.length - at) < wanted - found.length) found.push(rows[at]!)
  return found
}

/** Rows to begin with, each chosen the likelier the less it is like those before. */
function beginnings(shelf: Shelf, count: number, random: () => number): Int8Array[] {
  const middles = [shelf.row(Math.floor(random() * shelf.rows))]
  const away = new Float64Array(shelf.rows).fill(Infinity)
  while (middles.length < count) {
    let total = 0
    shelf.compare(middles.at(-1)!, (cosines, first) => {
      for (let at = 0; at < cosines.length; at++) {
        const distance = Math.max(0, 1 - cosines[at]!)
        const least = Math.min(away[first + at]!, distance < 1e-6 ? 0 : distance)
        away[first + at] = least
        total += least
      }
    })
    if (total === 0) break
    let mark = random() * total
    let row = away.findIndex((one) => (mark -= one) < 0)
    if (row < 0) row = away.findLastIndex((one) => one > 0)
    middles.push(shelf.row(row))
  }
  return middles
}

/** The middle that each row is most like, the first of several. */
function assign(shelf: Shelf, middles: readonly Int8Array[]): { group: Uint16Array; cosine: Float32Array } {
  const group = new Uint16Array(shelf.rows)
  const cosine = new Float32Array(shelf.rows).fill(-Infinity)
  middles.forEach((middle, index) =>
    shelf.compare(middle, (cosines, first) => {
      for (let at = 0; at < cosines.length; at++)
        if (cosines[at]! > cosine[first + at]!) {
          cosine[first + at] = cosines[at]!
          group[first + at] = index
        }
    }),
  )
  return { group, cosine }
}

/** Each middle as the mean of its rows' directions; one without rows stays. */
function moved(shelf: Shelf, middles: readonly Int8Array[], group: Uint16Array): Int8Array[] {
  const { width } = shelf
  const sums = new Float32Array(middles.length * width)
  const sizes = new Uint32Array(middles.length)
  group.forEach((own, row) => {
    const vector = shelf.row(row)
    let square = 0
    for (const one of vector) square += one * one
    if (square === 0) return
    const scale = 1 / Math.sqrt(square)
    for (let at = 0; at < width; at++) sums[own * width + at]! += vector[at]! * scale
    sizes[own]!++
  })
  return middles.map((middle, index) =>
    sizes[index] === 0 ? middle : toDirections(sums.subarray(index * width, (index + 1) * width), width),
  )
}
