import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Emit } from '#shared/contract/events.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { CurateInput, type SavedRecipe } from '#shared/contract/recipes.ts'
import { checkingKey, STANDARD_CHECKING, type Checking } from '#shared/domain/answers/checking.ts'
import { readRecipe, requireRecipe, type Recipe } from '#shared/domain/curate/index.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import type { Clock } from '../clock.ts'
import type { AnnotationStore } from '../db/annotations.ts'
import type { OwnStore } from '../db/own.ts'
import type { RecipeStore } from '../db/recipes.ts'
import type { SourceStore } from '../db/sources.ts'
import type { TraceStore } from '../db/traces.ts'
import { MANIFEST_FILE } from '../exporters/dataset/folder.ts'
import { previewRecipe } from './curate-preview.ts'
import { builtInRecipes, loadResources } from './curate-resources.ts'
import { planRecipe } from './curate-run.ts'
import { createCurateSource } from './curate-source.ts'
import { writeDataset } from './curate-write.ts'
import type { JobContext, Jobs } from './jobs.ts'

interface Deps {
  jobs: Jobs
  traces: TraceStore
  sources: SourceStore
  annotations: AnnotationStore
  own: Pick<OwnStore, 'list'>
  recipes: RecipeStore
  emit: Emit
  clock: Clock
  /** Of Cairn, for manifests. */
  version: string
  /** Folder of the workspace. */
  path: string
  /** Folder of the built-in recipes. */
  recipesDir: string
  /** How the workspace checks answers. */
  checking: () => Checking
}

type CurateHandlers = Pick<
  ApiHandlers,
  | 'recipes.list'
  | 'recipes.save'
  | 'recipes.remove'
  | 'recipes.check'
  | 'curate.preview'
  | 'curate.stop'
  | 'curate.start'
  | 'curate.sets'
>

/** Recipes: kept, previewed, and run into data set folders. */
export function createCurate(deps: Deps): { handlers: CurateHandlers } {
  const { jobs, recipes, emit, clock, version, path: workspace, recipesDir } = deps
  const builtIn = builtInRecipes(recipesDir)
  const previews = new Map<string, AbortController>()

  const named = (name: string): string | null =>
    recipes.list().find((saved) => saved.name === name)?.text ?? builtIn.get(name) ?? null

  /** A recipe that checks as the workspace does, and says so: its manifest then tells all that is needed. */
  const withChecking = (text: string): Recipe => {
    const recipe = requireRecipe(text, 'The recipe')
    const checking = deps.checking()
    const own = checkingKey(checking) !== checkingKey(STANDARD_CHECKING)
    return recipe.checking === undefined && own ? { ...recipe, checking } : recipe
  }

  const run = async (input: Json, { signal, report }: JobContext): Promise<Json> => {
    const { text, base, filter, path, overwrite, reading } = CurateInput.parse(input)
    const recipe = withChecking(text)
    const source = createCurateSource(deps, filter)
    const resources = await loadResources(recipe, base ?? workspace, named)
    const plan = await planRecipe(recipe, source, resources, {
      signal,
      onProgress: ({ done, total }) =>
        report({ done, total, unit: 'traces', traces: done, note: 'choosing' }),
    })
    const units = plan.selection.units.length
    const result = await writeDataset({
      ...{ plan, source, resources, overwrite, signal, cairn: version },
      path: resolve(path),
      filter: filter as Json,
      reading: reading ?? null,
      onProgress: (rows) =>
        report({ done: rows, total: units, unit: 'traces', traces: rows, note: 'writing' }),
    })
    const { rows, manifestSha256 } = result
    recipes.addSet({ at: clock.now(), recipe: recipe.name, text, path: result.path, rows, manifestSha256 })
    return result as unknown as Json
  }
  jobs.register('curate', run)

  return {
    handlers: {
      'recipes.list': () => [
        ...[...builtIn].map(([name, text]) => describe(name, text, null)),
        ...recipes.list().map(({ name, text, at }) => describe(name, text, at)),
      ],
      'recipes.save'({ text }) {
        const { name } = requireRecipe(text, 'The recipe')
        if (builtIn.has(name))
          throw new CairnError(
            'conflict',
            `${name} is a recipe that comes with Cairn; give yours another name.`,
            { name },
          )
        const at = clock.now()
        recipes.put({ name, text, at })
        return describe(name, text, at)
      },
      'recipes.remove': ({ name }) => ({ removed: recipes.drop(name) }),
      'recipes.check'({ text }) {
        const { recipe, problems } = readRecipe(text)
        return { recipe: recipe as unknown as Json, problems }
      },
      async 'curate.preview'({ text, filter, ticket, rows }) {
        previews.get(ticket)?.abort()
        const abort = new AbortController()
        previews.set(ticket, abort)
        try {
          const recipe = withChecking(text)
          const resources = await loadResources(recipe, workspace, named)
          let told = 0
          return await previewRecipe(recipe, createCurateSource(deps, filter), resources, rows, {
            signal: abort.signal,
            onProgress({ done, total, funnel }) {
              if (performance.now() - told < TELL_MS) return
              told = performance.now()
              emit('curate.funnel', { ticket, done, total, funnel: [...funnel] })
            },
          })
        } finally {
          if (previews.get(ticket) === abort) previews.delete(ticket)
        }
      },
      'curate.stop'({ ticket }) {
        previews.get(ticket)?.abort()
        return {}
      },
      'curate.start'(input) {
        // What is wrong with the recipe is told at once, not by a failed job.
        requireRecipe(input.text, 'The recipe')
        return jobs.start('curate', input as unknown as Json)
      },
      'curate.sets': () =>
        recipes.sets().map((set) => ({ ...set, there: existsSync(join(set.path, MANIFEST_FILE)) })),
    },
  }
}

/** Listeners hear of a preview at most this often. */
const TELL_MS = 100

function describe(name: string, text: string, at: string | null): SavedRecipe {
  const { recipe } = readRecipe(text)
  return {
    name,
    title: recipe?.title || name,
    description: recipe?.description ?? '',
    text,
    builtIn: at === null,
    at,
  }
}
