import type { Filter } from '#shared/domain/curate/filter-schema.ts'
import { FORMATS_OF, PARTIAL_FORMATS, type Group, type Recipe } from '#shared/domain/curate/recipe.ts'
import type { StepPlace, Transform } from '#shared/domain/curate/transform-schema.ts'

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
  { id: 'any', label: 'One of several', filter: { any: [{ correct: true }] } },
  { id: 'not', label: 'The opposite of', filter: { not: { truncated: true } } },
]

/** What a thought can become. */
export const THOUGHTS = {
  nothing: { with: 'nothing' },
  filler: { with: 'filler', text: ' .' },
  text: { with: 'text', text: 'I know this one.' },
} as const satisfies Record<string, Transform['replace_thought']>

/** Changes to the text that the form offers, as they begin. */
const NEW_TRANSFORMS: readonly {
  readonly id: keyof Transform
  readonly label: string
  readonly transform: Transform
}[] = [
  { id: 'think', label: 'Think tags', transform: { think: 'normalise' } },
  { id: 'branches', label: 'Failed branches', transform: { branches: 'drop_failed' } },
  { id: 'replace_thought', label: 'Another thought', transform: { replace_thought: THOUGHTS.nothing } },
  { id: 'truncate', label: 'End at a step', transform: { truncate: { share: 0.5 } } },
  { id: 'cut', label: 'Begin at a step', transform: { cut: { share: 0.5 } } },
  { id: 'mask', label: 'Mask steps', transform: { mask: { behaviours: ['verification'], with: '' } } },
  { id: 'system', label: 'System message', transform: { system: 'Use these ways of thinking:\n{handbook}' } },
  {
    id: 'chat_template',
    label: 'Chat template',
    transform: { chat_template: { file: 'tokenizer_config.json' } },
  },
]

/** The changes that rows of a kind can have. */
export const transformsFor = (kind: Recipe['rows']['kind']) =>
  NEW_TRANSFORMS.filter(({ transform }) => fitsRows(transform, kind))

/** Rows that are made from the response as it came have nothing but their prompts changed. */
const fitsRows = ({ system, chat_template: template }: Transform, kind: Recipe['rows']['kind']): boolean =>
  kind === 'traces' || kind === 'pairs' || system !== undefined || template !== undefined

export type PlaceKind = keyof StepPlace
/** Places among the steps of a response, as they begin. */
export const PLACES: readonly {
  readonly id: PlaceKind
  readonly label: string
  readonly place: StepPlace
}[] = [
  { id: 'share', label: 'A share of the steps', place: { share: 0.5 } },
  { id: 'steps', label: 'A number of steps', place: { steps: 5 } },
  { id: 'tokens', label: 'A number of tokens', place: { tokens: 200 } },
  { id: 'characters', label: 'A number of characters', place: { characters: 1000 } },
  { id: 'before_first', label: 'Before the first', place: { before_first: 'backtracking' } },
]

export const placeKind = (place: StepPlace): PlaceKind => PLACES.find(({ id }) => place[id] !== undefined)!.id

/**
 * A recipe with other changes to the text: what looks at branches first, since the graph is of the response as it
 * came, and a format that has a place for what the changes make.
 */
export function withTransforms(recipe: Recipe, transforms: readonly Transform[]): Recipe {
  const ordered = transforms.toSorted(
    (a, b) => Number(b.branches !== undefined) - Number(a.branches !== undefined),
  )
  return withFormat({ ...recipe, transforms: ordered })
}

/** Formats that a recipe can be written in. */
export function formatsFor({ rows, transforms }: Recipe): Recipe['output']['format'][] {
  const isCut = transforms.some(({ cut }) => cut !== undefined)
  return FORMATS_OF[rows.kind].filter((format) => !isCut || PARTIAL_FORMATS.has(format))
}

function withFormat(recipe: Recipe): Recipe {
  const formats = formatsFor(recipe)
  const { output } = recipe
  return formats.includes(output.format) ? recipe : { ...recipe, output: { ...output, format: formats[0]! } }
}

export const FORMAT_NAMES: Readonly<Record<Recipe['output']['format'], string>> = {
  verl_query: 'verl to 0.6 · query, completion',
  verl_prompt: 'verl · prompt, extra_info',
  trl_messages: 'TRL, verl from 0.7 · messages',
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

/** A recipe with other rows: without the changes that they cannot have, in a format that can hold them. */
export function withRows(recipe: Recipe, kind: Recipe['rows']['kind']): Recipe {
  const transforms = recipe.transforms.filter((transform) => fitsRows(transform, kind))
  return withFormat({ ...recipe, rows: ROWS[kind], transforms })
}

/** A group of a name that is not taken. */
export function newGroup(groups: readonly Group[]): Group {
  const number = [...groups.keys(), groups.length].find(
    (at) => !groups.some(({ name }) => name === `group-${at + 1}`),
  )!
  return { name: `group-${number + 1}`, where: [{ correct: true }] }
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

/** "0.05" as "5%". */
export const percent = (share: string): string => `${Math.round(Number(share) * 1000) / 10}%`
