import type { Filter } from '#shared/domain/curate/filter-schema.ts'
import type { Recipe } from '#shared/domain/curate/recipe.ts'
import type { Transform } from '#shared/domain/curate/transform-schema.ts'
import { FORMATS_OF } from '#shared/domain/curate/recipe.ts'

/** Filters that the form offers, as they begin. */
export const NEW_FILTERS: readonly {
  readonly id: string
  readonly label: string
  readonly filter: Filter
}[] = [
  { id: 'correct', label: 'Correctness', filter: { correct: true } },
  { id: 'only', label: 'Exactly these behaviours', filter: { only: ['backtracking'] } },
  {
    id: 'behaviours',
    label: 'Behaviours, how often',
    filter: { behaviours: { verification: { min: 1 } } },
  },
  { id: 'length', label: 'Length', filter: { length: { of: 'response', in: 'characters', max: 4000 } } },
  { id: 'truncated', label: 'Truncated', filter: { truncated: false } },
  { id: 'answered', label: 'Gives an answer', filter: { answered: true } },
  { id: 'loops', label: 'Loops', filter: { loops: false } },
  { id: 'unique', label: 'Duplicates', filter: { unique: 'response' } },
  { id: 'near', label: 'Near duplicates', filter: { unique: { near: 0.8 } } },
  { id: 'graph', label: 'Reasoning graph', filter: { graph: { dead_ends: { min: 1 } } } },
  { id: 'problem', label: 'Unfit problems', filter: { problem: { drop: ['proof', 'yes_no'] } } },
  { id: 'labelled_by', label: 'What labels rest on', filter: { labelled_by: ['people'] } },
  { id: 'field', label: 'A field', filter: { field: 'run', exists: true } },
  { id: 'verdict', label: 'Cairn’s verdict', filter: { verdict: 'correct' } },
  { id: 'solve_rate', label: 'Solve rate', filter: { solve_rate: { min: 0.1, max: 0.9, samples: 2 } } },
]

/** Transforms that the form offers. */
export const NEW_TRANSFORMS: readonly {
  readonly id: string
  readonly label: string
  readonly transform: Transform
}[] = [
  { id: 'normalise', label: 'Thought in <think> tags, then the answer', transform: { think: 'normalise' } },
  { id: 'strip', label: 'The answer alone', transform: { think: 'strip' } },
  { id: 'unwrap', label: 'Think tags out', transform: { think: 'unwrap' } },
  { id: 'drop_failed', label: 'Failed branches out', transform: { branches: 'drop_failed' } },
  { id: 'nothing', label: 'Empty thought', transform: { replace_thought: { with: 'nothing' } } },
  {
    id: 'filler',
    label: 'Filler thought of the same length',
    transform: { replace_thought: { with: 'filler', text: ' .' } },
  },
  {
    id: 'mask',
    label: 'Verification masked',
    transform: { mask: { behaviours: ['verification'], with: '' } },
  },
]

export const FORMAT_NAMES: Readonly<Record<Recipe['output']['format'], string>> = {
  verl_query: 'verl · query, completion',
  verl_prompt: 'verl · prompt, extra_info',
  trl_messages: 'TRL · messages',
  trl_prompt_completion: 'TRL · prompt–completion',
  trl_preference: 'TRL · preference',
  trl_stepwise: 'TRL · stepwise supervision',
  prm800k: 'PRM800K',
  openai: 'OpenAI fine-tuning',
  sharegpt: 'ShareGPT',
  alpaca: 'Alpaca',
  llama_factory: 'LLaMA-Factory',
  plain: 'Plain',
}

export const STRATA = [
  { id: 'behaviours', label: 'Behaviours' },
  { id: 'correct', label: 'Correctness' },
  { id: 'length', label: 'Length' },
  { id: 'run', label: 'Run' },
] as const

export const replaced = <T>(list: readonly T[], at: number, item: T): T[] =>
  list.map((one, index) => (index === at ? item : one))
export const without = <T>(list: readonly T[], at: number): T[] => list.filter((_, index) => index !== at)

/** The list with one item moved up or down by one. */
export function moved<T>(list: readonly T[], at: number, by: -1 | 1): T[] {
  const to = at + by
  if (to < 0 || to >= list.length) return [...list]
  const next = [...list]
  ;[next[at], next[to]] = [next[to]!, next[at]!]
  return next
}

/** A recipe with other rows, and a format that can hold them. */
export function withRows(recipe: Recipe, kind: Recipe['rows']['kind']): Recipe {
  const rows = ROWS[kind]
  const allowed = FORMATS_OF[kind]
  const format = allowed.includes(recipe.output.format) ? recipe.output.format : allowed[0]!
  return { ...recipe, rows, output: { ...recipe.output, format } }
}

const ROWS: Readonly<Record<Recipe['rows']['kind'], Recipe['rows']>> = {
  traces: { kind: 'traces' },
  pairs: { kind: 'pairs', chosen: [{ correct: true }], rejected: [{ correct: false }], per_prompt: 1 },
  branch_pairs: { kind: 'branch_pairs', per_trace: 4 },
  edit_pairs: { kind: 'edit_pairs', revised: 'revised', per_trace: 4 },
  steps: { kind: 'steps', labels: 'graph' },
  trees: { kind: 'trees', order: 'depth_first', dead_ends: true },
}

/** A whole number that was typed; undefined for an empty field, null for what is none. */
export function wholeNumber(text: string): number | undefined | null {
  if (text.trim() === '') return undefined
  const value = Number(text)
  return Number.isInteger(value) && value > 0 ? value : null
}
