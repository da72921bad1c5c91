import { matchLengths } from './match-lengths.ts'
import type { Recipe } from './recipe.ts'
import type { Fact } from './scan.ts'
import { splitUp, type HeldOut, type SplitName, type SplitRule } from './split.ts'

/** One trace, or for pairs two, that become rows. */
export interface Unit {
  readonly ids: readonly number[]
  readonly key: number
  readonly prompt: number
  readonly group: string
  readonly size: number
  readonly rows: number
  readonly facts: readonly Fact[]
}

export interface Chosen extends Unit {
  readonly split: SplitName
}

/** What became of a group. Amounts are rows, or for budgets tokens or characters. */
export interface GroupReport {
  readonly name: string
  readonly available: number
  /** Null where everything was wanted. */
  readonly wanted: number | null
  readonly units: number
  readonly rows: number
  readonly size: number
}

export interface Selection {
  /** In the order of the file. */
  readonly units: readonly Chosen[]
  readonly groups: readonly GroupReport[]
  /** Steps of the funnel that follow those of the scan. */
  readonly funnel: readonly { readonly name: string; readonly kept: number }[]
  /** For a length-matched set: rows asked for that no trace was near enough to. */
  readonly unmatched: number | null
  /** Which rule has divided the rows, and what the splits that are held out got. */
  readonly splitRule: SplitRule
  readonly heldOut: readonly HeldOut[]
}

/**
 * Chooses what becomes rows: pairs are made, prompts limited, groups drawn to their targets, the rest split. The same
 * facts and recipe give the same choice, whatever the order of the facts.
 * @param targets for `sample.match`: lengths to be met, one for each row
 */
export function select(facts: readonly Fact[], recipe: Recipe, targets: readonly number[] | null): Selection {
  const { sample, rows, seed } = recipe
  const funnel: { name: string; kept: number }[] = []
  let units = rows.kind === 'pairs' ? pairUp(facts, rows.per_prompt) : facts.map(unitOf)
  if (rows.kind === 'pairs') funnel.push({ name: 'pairs', kept: units.length })
  units.sort(byKey)
  if (sample.per_prompt !== undefined) {
    units = limitPrompts(units, sample.per_prompt)
    funnel.push({ name: `at most ${sample.per_prompt} for a prompt`, kept: units.length })
  }
  let unmatched: number | null = null
  let groups: GroupReport[]
  if (targets !== null) {
    const matched = matchLengths(units, targets, sample.match!.tolerance)
    unmatched = targets.length - matched.length
    groups = [report('all', units, targets.length, matched)]
    units = matched
  } else {
    const drawn = draw(units, recipe)
    groups = drawn.groups
    units = drawn.units
  }
  funnel.push({ name: 'drawn', kept: units.length })
  const { units: divided, rule, heldOut } = splitUp(units, recipe.split, seed)
  const chosen = divided.toSorted(sample.order === 'shuffled' ? byKey : (a, b) => a.ids[0]! - b.ids[0]!)
  return { units: chosen, groups, funnel, unmatched, splitRule: rule, heldOut }
}

const byKey = (a: Unit, b: Unit): number => a.key - b.key || a.ids[0]! - b.ids[0]!

function unitOf(fact: Fact): Unit {
  const { id, key, prompt, group, size, rows } = fact
  return { ids: [id], key, prompt, group, size, rows, facts: [fact] }
}

function pairUp(facts: readonly Fact[], perPrompt: number): Unit[] {
  const prompts = Map.groupBy(facts, ({ prompt }) => prompt)
  return [...prompts.values()].flatMap((samples) => {
    const inOrder = samples.toSorted((a, b) => a.key - b.key || a.id - b.id)
    const chosen = inOrder.filter((fact) => fact.chosen)
    const used = new Set<number>()
    return chosen.slice(0, perPrompt).flatMap((good): Unit[] => {
      // Of those left, the nearest in length: what is learnt should not be length.
      const bad = inOrder
        .filter((fact) => fact.rejected && fact.id !== good.id && !used.has(fact.id))
        .reduce<Fact | null>(
          (best, next) =>
            best === null || Math.abs(next.size - good.size) < Math.abs(best.size - good.size) ? next : best,
          null,
        )
      if (bad === null || used.has(good.id)) return []
      used.add(bad.id).add(good.id)
      const { key, prompt, group } = good
      return [
        {
          ids: [good.id, bad.id],
          key,
          prompt,
          group,
          size: good.size + bad.size,
          rows: 1,
          facts: [good, bad],
        },
      ]
    })
  })
}

function limitPrompts(units: readonly Unit[], most: number): Unit[] {
  const seen = new Map<number, number>()
  return units.filter(({ prompt }) => {
    const count = (seen.get(prompt) ?? 0) + 1
    seen.set(prompt, count)
    return count <= most
  })
}

function draw(units: readonly Unit[], { sample }: Recipe): { units: Unit[]; groups: GroupReport[] } {
  const named = sample.groups.map(({ name }) => name)
  const found = Map.groupBy(units, ({ group }) => group)
  const names = named.length > 0 ? named : [...found.keys()].sort()
  const members = names.map((name) => found.get(name) ?? [])
  const byTokens = sample.budget !== undefined || sample.balance === 'equal_tokens'
  const weigh = (unit: Unit): number => (byTokens ? unit.size : unit.rows)
  const available = members.map((group) => group.reduce((sum, unit) => sum + weigh(unit), 0))
  const wanted = targetsOf(sample, available)
  const picked = members.map((group, at) => fill(group, wanted[at]!, weigh))
  const groups = names.map((name, at) => report(name, members[at]!, wanted[at]!, picked[at]!, available[at]))
  return { units: picked.flat(), groups }
}

/** How much of every group is wanted; null for all of it. */
function targetsOf(
  { size, budget, balance, groups }: Recipe['sample'],
  available: readonly number[],
): (number | null)[] {
  const total = size ?? budget ?? null
  const shares = groups.some(({ share }) => share !== undefined) ? groups.map(({ share = 0 }) => share) : null
  if (shares !== null) {
    const sum = shares.reduce((all, share) => all + share, 0)
    // Without a size as much as the scarcest group allows.
    const most = Math.min(
      ...shares.map((share, at) => (share === 0 ? Infinity : (available[at]! * sum) / share)),
    )
    return apportion(total ?? Math.floor(most), shares)
  }
  if (balance !== 'proportional') {
    const least = available.reduce((scarcest, amount) => Math.min(scarcest, amount), available[0] ?? 0)
    if (total === null) return available.map(() => least)
    return available.map(() => Math.min(least, Math.floor(total / available.length)))
  }
  return total === null ? available.map(() => null) : apportion(Math.min(total, sumOf(available)), available)
}

/** Whole numbers in the ratio of the weights that add up to the total: largest remainders first. */
function apportion(total: number, weights: readonly number[]): number[] {
  const sum = sumOf(weights)
  if (sum === 0) return weights.map(() => 0)
  const exact = weights.map((weight) => (total * weight) / sum)
  const whole = exact.map(Math.floor)
  const order = exact
    .map((value, at) => ({ at, rest: value - whole[at]! }))
    .sort((a, b) => b.rest - a.rest || a.at - b.at)
  for (const { at } of order.slice(0, total - sumOf(whole))) whole[at]!++
  return whole
}

const sumOf = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)

/** Units in their order as long as they fit; a later, smaller one may fill what is left. */
function fill(units: readonly Unit[], wanted: number | null, weigh: (unit: Unit) => number): Unit[] {
  if (wanted === null) return [...units]
  let left = wanted
  return units.filter((unit) => {
    const weight = weigh(unit)
    if (weight > left) return false
    left -= weight
    return true
  })
}

function report(
  name: string,
  members: readonly Unit[],
  wanted: number | null,
  picked: readonly Unit[],
  available = members.length,
): GroupReport {
  const rows = picked.reduce((sum, unit) => sum + unit.rows, 0)
  return {
    name,
    available,
    wanted,
    units: picked.length,
    rows,
    size: picked.reduce((sum, { size }) => sum + size, 0),
  }
}
