import { createNearIndex, type NearIndex } from '../curate/near.ts'
import { PROBLEM_FILTERS, problemFlags, type ProblemFilter } from './filters.ts'

/** What may be said against a problem, besides its own words: another like it with the same numbers, too easy or too hard. */
export const SURVEY_FILTERS = [...PROBLEM_FILTERS, 'near_duplicate', 'too_hard', 'too_easy'] as const
export type SurveyFilter = ProblemFilter | 'near_duplicate' | 'too_hard' | 'too_easy'

/** A problem with its samples. */
export interface SurveyedProblem {
  /** Of the first trace that poses it. */
  readonly name: string
  readonly prompt: string
  readonly samples: number
  /** Samples whose correctness is known, and of these the right ones. */
  readonly judged: number
  readonly solved: number
  readonly flags: readonly { readonly filter: SurveyFilter; readonly reason: string }[]
}

export interface SurveyOptions {
  /** Least similarity of shingles that makes a near duplicate. */
  readonly near: number
  /** Solve rates outside are too hard or too easy; of problems with at least `samples` judged samples. */
  readonly solveRate: { readonly min: number; readonly max: number; readonly samples: number }
}

export const SURVEY_DEFAULTS: SurveyOptions = { near: 0.8, solveRate: { min: 0.01, max: 0.99, samples: 4 } }

interface Posed {
  readonly name: string
  readonly prompt: string
  readonly reference: string | null
  readonly correct: boolean | null
}

/** Collects the problems that traces pose and tells which are unfit, after Big-Math (Albalak et al. 2025). */
export function createSurvey({ near, solveRate }: SurveyOptions = SURVEY_DEFAULTS) {
  const problems = new Map<
    string,
    { name: string; reference: string | null; samples: number; judged: number; solved: number }
  >()
  return {
    add({ name, prompt, reference, correct }: Posed): void {
      const problem = problems.get(prompt) ?? { name, reference, samples: 0, judged: 0, solved: 0 }
      problems.set(prompt, problem)
      problem.reference ??= reference
      problem.samples++
      if (correct !== null) problem.judged++
      if (correct) problem.solved++
    },
    /** In the order in which they were met. */
    *results(): Generator<SurveyedProblem> {
      // Problems of one template with other numbers are other problems: only those with the same numbers are compared.
      const indexes = new Map<string, NearIndex>()
      const names: string[] = []
      for (const [prompt, { reference, ...problem }] of problems) {
        const numbers = (prompt.match(/\d+(?:\.\d+)?/g) ?? []).sort().join(' ')
        const index = indexes.get(numbers) ?? createNearIndex(near)
        indexes.set(numbers, index)
        const like = index.match(prompt, names.length)
        const flags: SurveyedProblem['flags'][number][] = [...problemFlags(prompt, reference)]
        if (like !== null)
          flags.push({
            filter: 'near_duplicate',
            reason: `${Math.round(like.similarity * 100)}% like ${names[like.id]!}`,
          })
        const { judged, solved } = problem
        const reason = `${solved} of ${judged} samples are right`
        if (judged >= solveRate.samples && solved / judged < solveRate.min)
          flags.push({ filter: 'too_hard', reason })
        if (judged >= solveRate.samples && solved / judged > solveRate.max)
          flags.push({ filter: 'too_easy', reason })
        names.push(problem.name)
        yield { prompt, ...problem, flags }
      }
    },
  }
}
