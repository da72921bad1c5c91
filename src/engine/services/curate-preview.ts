import type { Distribution, Preview, PreviewRow } from '#shared/contract/recipes.ts'
import {
  characters,
  everyFilter,
  needsBehaviours,
  shownAnywhere,
  type Row,
  type Subject,
} from '#shared/domain/curate/index.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { datasetLayout } from '../exporters/dataset/layouts.ts'
import { factsOf, makeRows, optionsOf } from './curate-rows.ts'
import { planRecipe, type Plan, type PlanOptions } from './curate-run.ts'
import type { Resources } from './curate-resources.ts'
import type { CurateSource } from './curate-source.ts'
import { warningsOf } from './curate-write.ts'
import type { Recipe } from '#shared/domain/curate/index.ts'

/** Characters of a row that are cut into tokens to be looked at. */
const SHOWN = 4000

/** What a recipe would come to, with the first rows as they would be written. Nothing is written. */
export async function previewRecipe(
  recipe: Recipe,
  source: CurateSource,
  resources: Resources,
  rows: number,
  options: Omit<PlanOptions, 'observe'>,
): Promise<Preview> {
  const all = emptyDistribution()
  let unknown = 0
  const plan = await planRecipe(recipe, source, resources, {
    ...options,
    observe(subject) {
      addSubject(all, subject)
      if (subject.evidence().from.includes('nothing')) unknown++
    },
  })
  const set = emptyDistribution()
  for (const { facts } of plan.selection.units)
    for (const { counts, correct, characters: length } of facts)
      add(
        set,
        correct,
        counts.map((count) => count > 0),
        length,
      )
  return {
    funnel: [...plan.funnel],
    groups: [...plan.selection.groups],
    splits: splitsOf(plan),
    rows: previewRows(plan, source, resources, rows),
    source: all,
    set,
    unit: resources.counter.unit,
    unmatched: plan.selection.unmatched,
    warnings: [...unlookedAt(recipe, unknown), ...warningsOf(plan)],
  }
}

/** Traces that no filter of behaviours lets pass, since nothing is known of them. */
function unlookedAt(recipe: Recipe, count: number): string[] {
  if (count === 0 || !everyFilter(recipe).some(needsBehaviours)) return []
  return [`${count} traces have neither labels nor predictions, and are left out: classify them first.`]
}

function splitsOf({ selection }: Plan) {
  const splits = Map.groupBy(selection.units, ({ split }) => split)
  return [...splits].map(([name, units]) => ({ name, rows: units.reduce((sum, { rows }) => sum + rows, 0) }))
}

function previewRows(plan: Plan, source: CurateSource, resources: Resources, most: number): PreviewRow[] {
  const units = plan.selection.units.slice(0, most)
  const layout = datasetLayout(optionsOf({ ...plan, selection: { ...plan.selection, units } }, source))
  const made = [...makeRows(plan, units, source)]
  return made
    .flatMap(({ unit, rows, traces }, index) =>
      rows.map((row): PreviewRow => {
        const text = learnt(row)
        return {
          traceId: traces[0]!.id,
          split: unit.split,
          group: unit.group,
          row: layout.row(row, factsOf(unit, traces[0]!, index)),
          text,
          tokens: resources.counter.pieces(text.slice(0, SHOWN)),
        }
      }),
    )
    .slice(0, most)
}

function learnt(row: Row): string {
  if (row.kind === 'sft') return row.completion
  return row.kind === 'preference' ? row.chosen : row.completions.join('\n')
}

function emptyDistribution(): Distribution {
  return { traces: 0, correct: 0, incorrect: 0, behaviours: BEHAVIOURS.map(() => 0), lengths: [] }
}

function addSubject(to: Distribution, { trace, evidence }: Subject): void {
  const shows = shownAnywhere(evidence().steps)
  add(
    to,
    trace.correct,
    BEHAVIOURS.map((_, at) => ((shows >> at) & 1) === 1),
    characters(trace.response),
  )
}

function add(to: Distribution, correct: boolean | null, shows: readonly boolean[], length: number): void {
  to.traces++
  if (correct !== null) to[correct ? 'correct' : 'incorrect']++
  for (const [at, shown] of shows.entries()) if (shown) to.behaviours[at]!++
  const bin = length < 1 ? 0 : Math.floor(Math.log2(length))
  while (to.lengths.length <= bin) to.lengths.push(0)
  to.lengths[bin]!++
}
