import { z } from 'zod'
import type { Contract } from './contract.ts'
import { Empty, JsonValue } from './common.ts'
import { Filter } from './filter.ts'
import { Job } from './jobs.ts'

/** A recipe as it is kept: its text, and what its head says. */
export const SavedRecipe = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  text: z.string(),
  builtIn: z.boolean(),
  /** When it was saved; null for built-in ones. */
  at: z.string().nullable(),
})
export type SavedRecipe = z.infer<typeof SavedRecipe>

/** Line and column count from 1; null where the text has no place for it. */
const Problem = z.object({
  line: z.int().nullable(),
  column: z.int().nullable(),
  path: z.string(),
  message: z.string(),
})

const FunnelStep = z.object({
  name: z.string(),
  kept: z.int(),
  /** Why (nearly) none is left, and what to do about it. */
  why: z.string().optional(),
  /** What was found in the traces it dropped, the most frequent first, each with one to look at; previews only. */
  dropped: z.array(z.object({ why: z.string(), count: z.int(), traceId: z.int() })).optional(),
})
export type FunnelStep = z.infer<typeof FunnelStep>

const GroupReport = z.object({
  name: z.string(),
  available: z.number(),
  wanted: z.number().nullable(),
  units: z.int(),
  rows: z.int(),
  size: z.number(),
})
export type GroupReport = z.infer<typeof GroupReport>

/** How traces are distributed, in the source or in the set. Lengths are counted by doublings of characters. */
export const Distribution = z.object({
  traces: z.int(),
  correct: z.int(),
  incorrect: z.int(),
  /** Traces that show each behaviour, in the order of `BEHAVIOURS`. */
  behaviours: z.array(z.int()),
  /** `[n]` counts those of 2ⁿ to 2ⁿ⁺¹ − 1 characters. */
  lengths: z.array(z.int()),
})
export type Distribution = z.infer<typeof Distribution>

/** A row as the trainer will see it. */
export const PreviewRow = z.object({
  traceId: z.int(),
  split: z.string(),
  group: z.string(),
  row: JsonValue,
  /** What is learnt, and the same as tokens (or, without a tokenizer, words and symbols). */
  text: z.string(),
  tokens: z.array(z.string()),
})
export type PreviewRow = z.infer<typeof PreviewRow>

export const Preview = z.object({
  funnel: z.array(FunnelStep),
  groups: z.array(GroupReport),
  splits: z.array(z.object({ name: z.string(), rows: z.int() })),
  rows: z.array(PreviewRow),
  source: Distribution,
  set: Distribution,
  unit: z.string(),
  /** For a length-matched set: rows that no trace was near enough to. */
  unmatched: z.int().nullable(),
  warnings: z.array(z.string()),
})
export type Preview = z.infer<typeof Preview>

const WrittenFile = z.object({ path: z.string(), sha256: z.string(), bytes: z.number() })

/** A data set that was written. */
export const CuratedSet = z.object({
  id: z.int(),
  at: z.string(),
  recipe: z.string(),
  text: z.string(),
  path: z.string(),
  rows: z.int(),
  manifestSha256: z.string(),
  /** False where nothing lies there any more. */
  there: z.boolean(),
})
export type CuratedSet = z.infer<typeof CuratedSet>

/** What a finished `curate` job answers. */
export const CurateResult = z.object({
  path: z.string(),
  rows: z.int(),
  funnel: z.array(FunnelStep),
  groups: z.array(GroupReport),
  splits: z.array(z.object({ name: z.string(), rows: z.int() })),
  files: z.array(WrittenFile),
  manifestSha256: z.string(),
  unmatched: z.int().nullable(),
  warnings: z.array(z.string()),
})
export type CurateResult = z.infer<typeof CurateResult>

const RecipeText = z.string().max(1_000_000)

export const CurateInput = z.object({
  /** The recipe, as YAML or JSON. */
  text: RecipeText,
  /** Where relative paths in the recipe start; the workspace when not given. */
  base: z.string().optional(),
  /** What the recipe is applied to. */
  filter: Filter.default({}),
  /** Folder to write; it must be new, empty or, with `overwrite`, a data set of Cairn's. */
  path: z.string().min(1),
  overwrite: z.boolean().default(false),
  /** How the files were read, for the manifest. */
  reading: JsonValue.optional(),
})
export type CurateInput = z.infer<typeof CurateInput>

export const recipes = {
  /** Built-in recipes and saved ones, by name. */
  'recipes.list': { input: Empty, output: z.array(SavedRecipe) },
  /** Saves a recipe under its own name, in place of an older one. It must be without problems. */
  'recipes.save': { input: z.object({ text: RecipeText }), output: SavedRecipe },
  'recipes.remove': { input: z.object({ name: z.string() }), output: z.object({ removed: z.boolean() }) },
  /** Either the recipe with every default filled in, or what is wrong with its text. */
  'recipes.check': {
    input: z.object({ text: RecipeText }),
    output: z.object({ recipe: JsonValue.nullable(), problems: z.array(Problem) }),
  },
  /**
   * What a recipe would come to. `ticket` names the request: `curate.funnel` tells how far it is, and a newer request
   * of the same ticket, or `curate.stop`, ends it with the error `cancelled`.
   */
  'curate.preview': {
    input: z.object({
      text: RecipeText,
      filter: Filter.default({}),
      ticket: z.string().min(1).max(100),
      rows: z.int().min(0).max(200).default(20),
    }),
    output: Preview,
  },
  'curate.stop': { input: z.object({ ticket: z.string() }), output: Empty },
  /** Writes a data set folder, as a job. */
  'curate.start': { input: CurateInput, output: Job },
  /** Data sets written from this workspace, the newest first. */
  'curate.sets': { input: Empty, output: z.array(CuratedSet) },
} satisfies Contract
