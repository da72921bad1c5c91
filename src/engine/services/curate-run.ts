import {
  createScan,
  handbook,
  measureOf,
  promptKey,
  recipeNeedsRates,
  select,
  type Fact,
  type FunnelStep,
  type Recipe,
  type ScanContext,
  type Selection,
  type SolveRates,
  type Subject,
} from '#shared/domain/curate/index.ts'
import { CairnError } from '#shared/errors.ts'
import { createBreath } from './breath.ts'
import type { CurateSource } from './curate-source.ts'
import type { Resources } from './curate-resources.ts'

/** What a recipe chose, before a row is made. */
export interface Plan {
  readonly recipe: Recipe
  readonly context: ScanContext
  readonly selection: Selection
  readonly funnel: readonly FunnelStep[]
}

export interface PlanOptions {
  readonly signal: AbortSignal
  /** Told after every page: passes over the source done so far count as traces. */
  readonly onProgress: (progress: { done: number; total: number; funnel: readonly FunnelStep[] }) => void
  readonly observe?: (subject: Subject) => void
}

/** Goes through the source and chooses. Holds a small record for each trace that passes, and no texts. */
export async function planRecipe(
  recipe: Recipe,
  source: CurateSource,
  resources: Resources,
  { signal, onProgress, observe }: PlanOptions,
): Promise<Plan> {
  const { matched } = resources
  if (matched?.sample.match)
    throw new CairnError(
      'bad_request',
      `${matched.name} is matched to a recipe itself; name one that is not.`,
    )
  const rated = recipeNeedsRates(recipe) || (matched !== null && recipeNeedsRates(matched))
  const breathe = createBreath()
  const passes = 1 + Number(rated) + Number(matched !== null)
  const total = source.total * passes
  let done = 0

  const rates = rated ? await solveRates() : new Map<number, { correct: number; samples: number }>()
  const measure = measureOf(recipe)
  const context: ScanContext = {
    labels: recipe.labels,
    handbook: handbook(recipe.handbook),
    rates,
    measure,
    ...resources,
  }
  const targets = matched === null ? null : await lengthsOf(matched)
  const { facts, funnel } = await scan(
    recipe,
    observe ? { ...context, observe, reasons: true } : context,
    true,
  )
  const selection = select(facts, recipe, targets)
  return { recipe, context, selection, funnel: [...funnel, ...selection.funnel] }

  async function scan(
    what: Recipe,
    using: ScanContext,
    tell: boolean,
  ): Promise<{ facts: Fact[]; funnel: FunnelStep[] }> {
    const one = createScan(what, using)
    const facts: Fact[] = []
    for await (const page of source.pages(signal)) {
      for (const trace of page) {
        const fact = one.add(trace)
        if (fact !== null) facts.push(fact)
        const pause = breathe()
        if (pause !== undefined) await pause
      }
      done += page.length
      onProgress({ done, total, funnel: tell ? one.funnel() : [] })
    }
    return { facts, funnel: one.funnel() }
  }

  async function lengthsOf(other: Recipe): Promise<number[]> {
    // Measured as this recipe measures, whatever the other one would.
    const { facts, funnel } = await scan(other, { ...context, labels: other.labels }, false)
    if (facts.length === 0) {
      const why = funnel.find(({ kept }) => kept === 0)?.why ?? ''
      throw new CairnError(
        'bad_request',
        `${other.name}, whose lengths are to be matched, has no rows here. ${why} Or name another recipe under "match".`,
      )
    }
    return select(facts, other, null).units.map(({ size }) => size)
  }

  async function solveRates(): Promise<SolveRates> {
    const found = new Map<number, { correct: number; samples: number }>()
    for await (const page of source.pages(signal)) {
      for (const trace of page) {
        const outcome = trace.correct === null ? resources.judge(trace) : null
        const correct = trace.correct ?? (outcome === 'unknown' ? null : outcome === 'correct')
        if (correct === null) continue
        const key = promptKey(trace.prompt)
        const rate = found.get(key) ?? { correct: 0, samples: 0 }
        rate.samples++
        if (correct) rate.correct++
        found.set(key, rate)
        const pause = breathe()
        if (pause !== undefined) await pause
      }
      done += page.length
      onProgress({ done, total, funnel: [] })
    }
    return found
  }
}
