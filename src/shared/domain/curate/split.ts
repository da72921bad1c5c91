import { hashText } from './hash.ts'
import type { Split } from './recipe.ts'

export type SplitName = 'train' | 'validation' | 'test'

/** What of a unit is needed to divide a set. */
interface Part {
  readonly ids: readonly number[]
  readonly key: number
  readonly prompt: number
  readonly rows: number
}

/** A split that is held out: rows by its share, which may be a fraction, and rows that it got. */
export interface HeldOut {
  readonly name: Exclude<SplitName, 'train'>
  readonly wanted: number
  readonly rows: number
}

/**
 * Which rule has divided a set. 1: whatever prompt came first was held out, then every one that brought the split nearer
 * to its share. 2: as near to the share as whole prompts come; used only where the first rule misses it.
 */
export type SplitRule = 1 | 2

/** A set in its splits, the units in no particular order. */
export interface Division<T> {
  readonly units: readonly (T & { readonly split: SplitName })[]
  readonly rule: SplitRule
  readonly heldOut: readonly HeldOut[]
}

/** Units that must not be torn apart. */
interface Block<T> {
  readonly units: readonly T[]
  readonly rows: number
}

type Names = readonly SplitName[]

/** Part of the rows wanted that a split may miss before it is divided by the second rule. */
const TOLERATED = 0.1
/** Largest part of all rows that is held out rather than nothing where it is farther from the share. */
const AT_MOST = 1 / 3
/** Prompts × rows that are searched for the nearest sum: some tenths of a second. */
const SEARCHED = 5e7

/**
 * Divides a set. By prompt, all units of a prompt go to one split. The same units and seed give the same splits, whatever
 * the order of the units; sets that the first rule divides well stay as they were when there was no other.
 */
export function splitUp<T extends Part>(units: readonly T[], split: Split, seed: number): Division<T> {
  if (split.validation === 0 && split.test === 0)
    return { units: units.map((unit) => ({ ...unit, split: 'train' })), rule: 1, heldOut: [] }
  const blocks = blocksOf(units, split, seed)
  const total = sumOf(blocks.map(({ rows }) => rows))
  const wanted = (['validation', 'test'] as const)
    .filter((name) => split[name] > 0)
    .map((name) => ({ name, rows: split[name] * total }))
  const rowsOf = (names: Names, name: SplitName) =>
    sumOf(blocks.map(({ rows }, at) => (names[at] === name ? rows : 0)))
  const misses = (names: Names) => wanted.map(({ name, rows }) => Math.abs(rowsOf(names, name) - rows))
  const trains = (names: Names) => names.length === 0 || names.includes('train')

  const first = byPassing(blocks, split)
  const isGood = trains(first) && misses(first).every((miss, at) => miss <= wanted[at]!.rows * TOLERATED)
  const second = isGood ? first : byNearness(blocks, wanted, total)
  const rule = trains(first) && sumOf(misses(first)) <= sumOf(misses(second)) ? 1 : 2
  const names = rule === 1 ? first : second
  return {
    units: blocks.flatMap((block, at) => block.units.map((unit) => ({ ...unit, split: names[at]! }))),
    rule,
    heldOut: wanted.map(({ name, rows }) => ({ name, wanted: rows, rows: rowsOf(names, name) })),
  }
}

/** In an order that the seed gives. */
function blocksOf<T extends Part>(units: readonly T[], { by }: Split, seed: number): Block<T>[] {
  const grouped = Map.groupBy(units, (unit) => (by === 'prompt' ? unit.prompt : unit.ids[0]!))
  return [...grouped.values()]
    .map((block) => ({
      units: block,
      rows: sumOf(block.map(({ rows }) => rows)),
      key: hashText(String(by === 'prompt' ? block[0]!.prompt : block[0]!.key), seed ^ 0x5eed),
    }))
    .sort((a, b) => a.key - b.key || a.units[0]!.ids[0]! - b.units[0]!.ids[0]!)
}

/** The first rule, which counts units. */
function byPassing<T>(blocks: readonly Block<T>[], { validation, test }: Split): SplitName[] {
  // A set of one prompt has nothing to validate on.
  if (blocks.length < 2) return blocks.map(() => 'train')
  const total = sumOf(blocks.map(({ units }) => units.length))
  const wanted = { validation: validation * total, test: test * total }
  const got = { validation: 0, test: 0 }
  return blocks.map(({ units }) => {
    for (const name of ['validation', 'test'] as const) {
      const left = wanted[name] - got[name]
      if (wanted[name] > 0 && (got[name] === 0 || left >= units.length / 2)) {
        got[name] += units.length
        return name
      }
    }
    return 'train'
  })
}

/** The second rule, which counts rows: one split after another, and at least one block to train on. */
function byNearness<T>(
  blocks: readonly Block<T>[],
  wanted: readonly { readonly name: SplitName; readonly rows: number }[],
  total: number,
): SplitName[] {
  const names: SplitName[] = blocks.map(() => 'train')
  for (const { name, rows } of wanted) {
    const free = [...blocks.keys()].filter((at) => names[at] === 'train')
    const sizes = free.map((at) => blocks[at]!.rows)
    const near = nearestSum(sizes, rows)
    for (const at of near.length > 0 ? near : smallest(sizes, total * AT_MOST)) names[free[at]!] = name
  }
  return names
}

/** Where the least of several sizes is, the first of equal ones; nothing where that is above `most`. */
function smallest(sizes: readonly number[], most: number): number[] {
  const least = sizes.reduce((all, size) => Math.min(all, size), Infinity)
  return sizes.length < 2 || least > most ? [] : [sizes.indexOf(least)]
}

/**
 * Places of some of the sizes, never all, whose sum is nearest to a target; of those the ones that come first. Nothing
 * where any sum is farther from it than 0 is.
 */
function nearestSum(sizes: readonly number[], target: number): number[] {
  const all = sumOf(sizes)
  const taken: number[] = []
  let [from, base] = [0, 0]
  // Of very many those that fit, in their order, until what is left is few enough to be searched.
  for (; (sizes.length - from) * (target - base) > SEARCHED; from++)
    if (sizes[from]! <= target - base) {
      taken.push(from)
      base += sizes[from]!
    }
  const left = target - base
  const most = Math.floor(2 * left)
  /** By sum the size that reached it first; the others in the sum come before that one. */
  const via = new Int32Array(most + 1).fill(-1)
  let [reached, best] = [0, 0]
  const missOf = (sum: number) => Math.abs(sum - left)
  for (let at = from; at < sizes.length && missOf(best) > 0.5; at++) {
    const size = sizes[at]!
    reached = Math.min(most, reached + size)
    for (let sum = reached; sum >= size; sum--) {
      if (via[sum] !== -1 || (sum > size && via[sum - size] === -1)) continue
      via[sum] = at
      const isNearer = missOf(sum) < missOf(best) || (missOf(sum) === missOf(best) && sum > best)
      if (isNearer && base + sum < all) best = sum
    }
  }
  for (let sum = best; sum > 0; sum -= sizes[via[sum]!]!) taken.push(via[sum]!)
  return taken
}

const sumOf = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)
