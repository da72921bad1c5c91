import { BEHAVIOUR_STYLE, BEHAVIOURS } from '../behaviours.ts'
import { describeTransform } from './describe.ts'
import type { Draft } from './draft.ts'
import { countShown, shownAnywhere } from './evidence.ts'
import { fieldOf } from './fields.ts'
import { compileFilter, needsSolveRates, type Condition } from './filters.ts'
import { hashText, promptKey } from './hash.ts'
import { characters } from './lengths.ts'
import type { Recipe } from './recipe.ts'
import { createReasons, type Reason } from './reasons.ts'
import { rowsOf } from './rows.ts'
import { createStratumNames, type StratumNames } from './stratum-names.ts'
import { subjectOf, type FilterContext, type Subject } from './subject.ts'
import { lostBy, transform, type TransformContext } from './transforms.ts'
import { explain } from './why.ts'
import type { CurateTrace, LabelSource } from './types.ts'

/** What is kept of a trace that may become rows; its texts are read again when it does. */
export interface Fact {
  readonly id: number
  /** Order of drawing; depends on the seed and on what the trace is, not on where it stands. */
  readonly key: number
  /** The prompt, as `promptKey` has it. */
  readonly prompt: number
  readonly group: string
  /** Length of the completion in the recipe's unit. */
  readonly size: number
  readonly characters: number
  /** Steps of the row's text that show each behaviour. */
  readonly counts: readonly number[]
  readonly correct: boolean | null
  readonly from: readonly LabelSource[]
  /** Rows the trace makes. */
  readonly rows: number
  /** For pairs: which side it may be on. */
  readonly chosen: boolean
  readonly rejected: boolean
}

/** Traces that are left after a step of the recipe. */
export interface FunnelStep {
  readonly name: string
  readonly kept: number
  /** Why (nearly) none is left, and what to do about it. */
  readonly why?: string | undefined
  /** What was found in the traces that it dropped, where `reasons` asks for it. */
  readonly dropped?: Reason[] | undefined
}

export interface ScanContext extends FilterContext, TransformContext {
  /** What sizes are counted in. */
  readonly measure: 'tokens' | 'characters'
  /** Hears of every trace of the source. */
  readonly observe?: (subject: Subject) => void
  /** Whether the funnel tells what was found in the traces that are dropped. */
  readonly reasons?: boolean
}

export interface Scan {
  /** What a trace comes to; null when a filter drops it. Traces must come in order. */
  add(trace: CurateTrace): Fact | null
  funnel(): FunnelStep[]
}

/** What sizes of a recipe are counted in: tokens only where something depends on them. */
export function measureOf({ sample }: Recipe): 'tokens' | 'characters' {
  const weighs =
    sample.budget !== undefined || sample.balance === 'equal_tokens' || sample.match !== undefined
  return weighs && sample.budget_in === 'tokens' ? 'tokens' : 'characters'
}

/** Every filter of a recipe, those of groups and pairs too. */
export function everyFilter({ filters, sample, rows }: Recipe) {
  const sides = rows.kind === 'pairs' ? [...rows.chosen, ...rows.rejected] : []
  return [...filters, ...sample.groups.flatMap(({ where }) => where), ...sides]
}

/** Whether a recipe needs the solve rate of prompts, which takes a pass of its own. */
export function recipeNeedsRates(recipe: Recipe): boolean {
  return everyFilter(recipe).some(needsSolveRates)
}

/** One pass of a recipe over traces, filter by filter. */
export function createScan(recipe: Recipe, context: ScanContext): Scan {
  const filters = recipe.filters.map((filter) => compileFilter(filter, context))
  const groups = recipe.sample.groups.map(({ name, where }) => ({
    name,
    where: where.map((filter) => compileFilter(filter, context)),
  }))
  const sides = recipe.rows.kind === 'pairs' ? recipe.rows : { chosen: [], rejected: [] }
  const chosen = sides.chosen.map((filter) => compileFilter(filter, context))
  const rejected = sides.rejected.map((filter) => compileFilter(filter, context))
  const whys = recipe.filters.map(explain)
  const dropped = filters.map(createReasons)
  const unmade = createReasons()
  const passed = new Array<number>(filters.length).fill(0)
  const names = createStratumNames()
  let [read, made, grouped] = [0, 0, 0]

  return {
    add(trace) {
      read++
      const subject = subjectOf(trace, context)
      context.observe?.(subject)
      for (const [at, filter] of filters.entries()) {
        whys[at]?.add(subject)
        if (!filter.holds(subject)) {
          if (context.reasons) dropped[at]!.add(filter.found(subject), trace.id)
          return null
        }
        passed[at]!++
      }
      const draft = transform(subject, recipe.transforms, context)
      if (draft === null) {
        if (context.reasons) unmade.add(lossOf(recipe, subject, context), trace.id)
        return null
      }
      const side = { chosen: all(chosen, subject), rejected: all(rejected, subject) }
      const isSide = recipe.rows.kind === 'pairs' ? side.chosen || side.rejected : null
      const rows = isSide === null ? rowsOf(recipe, subject, draft).length : Number(isSide)
      if (rows === 0) {
        unmade.add(NO_ROW[recipe.rows.kind], trace.id)
        return null
      }
      made++
      const group =
        groups.length === 0
          ? stratumOf(recipe, subject, draft, names)
          : groups.find(({ where }) => all(where, subject))?.name
      if (group === undefined) return null
      grouped++
      return {
        id: trace.id,
        key: drawKey(recipe.seed, trace),
        prompt: promptKey(trace.prompt),
        group,
        size: context.measure === 'tokens' ? context.counter.count(draft.text) : characters(draft.text),
        characters: characters(draft.text),
        counts: countShown(draft.steps, 'steps'),
        correct: subject.correct(),
        from: subject.evidence().from,
        rows,
        ...side,
      }
    },
    funnel: () => [
      { name: 'in the source', kept: read },
      ...filters.map(({ name }, at) => {
        const why = whys[at]?.text(passed[at]!) ?? null
        return { name, kept: passed[at]!, ...(why !== null && { why }), ...told(dropped[at]!.list()) }
      }),
      ...(recipe.transforms.length > 0 || recipe.rows.kind !== 'traces'
        ? [{ name: ROW_STEP[recipe.rows.kind], kept: made, ...(context.reasons && told(unmade.list())) }]
        : []),
      ...(groups.length > 0 ? [{ name: 'in a group', kept: grouped }] : []),
    ],
  }
}

const ROW_STEP = {
  traces: 'transformed',
  pairs: 'chosen or rejected',
  branch_pairs: 'with a failed branch',
  edit_pairs: 'with a revision',
  steps: 'with step labels',
  trees: 'with a search tree',
} as const

/** Why a trace makes no row. */
const NO_ROW = {
  traces: 'nothing left to learn',
  pairs: 'neither chosen nor rejected',
  branch_pairs: 'no branch was given up beside the one that led to the answer',
  edit_pairs: 'no revised text at a step of the response',
  steps: 'no step has a label',
  trees: 'no search is to be found in it',
} as const

/** The change to the text that left nothing of a trace, in words. */
function lossOf({ transforms }: Recipe, subject: Subject, context: ScanContext): string {
  const lost = lostBy(subject, transforms, context)
  return lost === null ? NO_ROW.traces : `nothing is left to learn after “${describeTransform(lost)}”`
}

const told = (reasons: Reason[]) => (reasons.length === 0 ? {} : { dropped: reasons })

const all = (conditions: readonly Condition[], subject: Subject): boolean =>
  conditions.every(({ holds }) => holds(subject))

function drawKey(seed: number, { run, checkpoint, key, sample, prompt, textHash }: CurateTrace): number {
  return hashText(JSON.stringify([run, checkpoint, key, sample, hashText(prompt), textHash]), seed)
}

/** The stratum of a trace: its value for each of the recipe's `by`. */
function stratumOf({ sample }: Recipe, subject: Subject, draft: Draft, names: StratumNames): string {
  if (sample.by.length === 0) return 'all'
  return names.of(sample.by.map((by) => stratum(by, subject, draft)))
}

function stratum(by: string, subject: Subject, draft: Draft): string {
  const { trace } = subject
  if (by === 'behaviours') {
    if (subject.evidence().from.includes('nothing')) return 'unknown'
    const bits = shownAnywhere(subject.evidence().steps)
    return (
      BEHAVIOURS.map((name, at) => ((bits >> at) & 1 ? BEHAVIOUR_STYLE[name].letter : '')).join('') || 'none'
    )
  }
  if (by === 'correct') {
    const correct = subject.correct()
    return correct === null ? 'unknown' : correct ? 'correct' : 'incorrect'
  }
  if (by === 'length') {
    // Doublings: 512 stands for 512 to 1,023 characters.
    return String(2 ** Math.floor(Math.log2(Math.max(1, characters(draft.text)))))
  }
  const value = fieldOf(trace, by)
  return typeof value === 'string' ? value : JSON.stringify(value)
}
