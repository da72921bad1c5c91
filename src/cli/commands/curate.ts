import { readFileSync, statSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { stringify } from 'yaml'
import { installPaths } from '#engine/install-paths.ts'
import { builtInRecipes } from '#engine/services/curate-resources.ts'
import { FORMATS, requireRecipe, writeRecipe, type Recipe } from '#shared/domain/curate/index.ts'
import { CairnError } from '#shared/errors.ts'
import { addImportOptions } from '../import-options.ts'
import { report, runRecipe, type CurateFlags } from '../curation.ts'
import { addClassifyOptions } from '../model-options.ts'
import { isManifest, rebuild } from '../rebuild.ts'
import { print, table } from '../terminal.ts'

const HELP = `
A recipe is a small YAML document: filters, transforms, strata and targets, split, format (docs/curate.md). RECIPE is
the name of a built-in one (--list) or a file. FILES are whatever "cairn import" reads; labels that rows bring are
used first, and what is not labelled is classified when the recipe asks for behaviours. A workspace is used as it is;
--run and --checkpoint then select its traces.

DIR receives data/, provenance.jsonl (the trace behind every row), recipe.yaml, README.md (a Hugging Face card) and
manifest.json. The same recipe and inputs give the same bytes:
  cairn curate --from DIR/manifest.json --out DIR2
makes the set again from the inputs it names, or says what has changed and exits with 1; options that would change the
recipe are refused.

Examples:
  cairn curate --list
  cairn curate backtracking-only --show > mine.yaml
  cairn curate mine.yaml --from runs/ --out sets/mine
  cairn curate negative-control --from study/ --out sets/control --format trl_messages --container jsonl
  cairn curate length-matched-control --match mine.yaml --from runs/ --out sets/matched`

export function curateCommand(program: Command): void {
  const command = program
    .command('curate')
    .summary('make a training set by a recipe')
    .argument('[recipe]', 'name of a built-in recipe, or a file')
    .option(
      '--from <path...>',
      'rollout files or folders, one workspace, or the manifest.json of an earlier set',
    )
    .option('--out <dir>', 'folder to write; must be new or empty')
    .addOption(
      new Option('-f, --format <format>', 'instead of the format in the recipe').choices([...FORMATS]),
    )
    .addOption(
      new Option('--container <container>', 'instead of the one in the recipe').choices(['jsonl', 'parquet']),
    )
    .option('--size <n>', 'rows, instead of the number in the recipe')
    .option('--seed <n>', 'seed, instead of the one in the recipe')
    .option('--match <recipe>', 'match the lengths of this recipe')
    .option('--tokenizer <file>', 'tokenizer.json that lengths are counted with')
    .option('--inputs <dir...>', 'with a manifest: folders in which its inputs are looked for')
    .option('--list', 'list the built-in recipes')
    .option('--show', 'print the recipe, with the options applied, instead of running it')
    .option('--force', 'replace the folder when it holds a data set of Cairn')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
  addImportOptions(command)
  addClassifyOptions(command)
  command.action(curate)
}

async function curate(name: string | undefined, flags: CurateFlags): Promise<void> {
  if (flags.list) return listRecipes(flags.json ?? false)
  const from = flags.from ?? []
  if (name === undefined) {
    const [manifest] = from
    if (manifest === undefined || !isManifest(manifest))
      throw new CairnError(
        'bad_request',
        'Name a recipe ("cairn curate --list" lists those built in), or the manifest.json of an earlier set with --from.',
      )
    return rebuild(manifest, requireOut(flags), flags)
  }
  const { text, base } = readRecipeFile(name)
  const changed = applyFlags(requireRecipe(text, name), base, flags)
  const recipe = requireRecipe(stringify(changed), name)
  if (flags.show) return print(writeRecipe(recipe).trimEnd())
  if (from.length === 0)
    throw new CairnError(
      'bad_request',
      'Say with --from what the recipe is applied to: files, folders or a workspace.',
    )
  const result = await runRecipe(recipe, { from, base, out: requireOut(flags), flags })
  report(result, recipe, flags.json ?? false)
}

function requireOut({ out }: CurateFlags): string {
  if (out === undefined) throw new CairnError('bad_request', 'Say with --out which folder to write.')
  return out
}

function listRecipes(json: boolean): void {
  const recipes = [...builtInRecipes(installPaths().recipesDir)].map(([name, text]) =>
    requireRecipe(text, name),
  )
  if (json)
    return print(
      JSON.stringify(recipes.map(({ name, title, description }) => ({ name, title, description }))),
    )
  print(
    table(
      ['recipe', ''],
      recipes.map(({ name, title }) => [name, title]),
    ),
  )
}

/** Whether there is something to read: a file or a pipe, while a folder may be called as a built-in recipe is. */
const isReadable = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === false

/** The text of a recipe, and the folder where its paths start. A file goes before a built-in recipe of that name. */
function readRecipeFile(name: string): { text: string; base: string } {
  if (isReadable(name)) return { text: readFileSync(name, 'utf8'), base: dirname(resolve(name)) }
  const text = builtInRecipes(installPaths().recipesDir).get(name)
  if (text === undefined)
    throw new CairnError(
      'bad_request',
      `${name} is neither a file nor a built-in recipe; "cairn curate --list" lists those.`,
      { name },
    )
  return { text, base: process.cwd() }
}

function applyFlags(recipe: Recipe, base: string, flags: CurateFlags): Recipe {
  const { sample, output } = recipe
  const match =
    flags.match === undefined
      ? sample.match
      : { tolerance: 0.1, ...sample.match, recipe: nameOrPath(flags.match, base) }
  return {
    ...recipe,
    ...(flags.seed !== undefined && { seed: Number(flags.seed) }),
    ...(flags.tokenizer !== undefined && { tokenizer: relative(base, flags.tokenizer) }),
    sample: {
      ...sample,
      ...(flags.size !== undefined && { size: Number(flags.size) }),
      ...(match && { match }),
    },
    output: {
      ...output,
      ...(flags.format !== undefined && { format: flags.format }),
      ...(flags.container !== undefined && { container: flags.container }),
    },
  }
}

const nameOrPath = (name: string, base: string): string => (isReadable(name) ? relative(base, name) : name)
