import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { EngineClient } from '#engine/create-engine.ts'
import type { Device } from '#shared/contract/classify.ts'
import type { FilterInput } from '#shared/contract/filter.ts'
import type { CurateResult } from '#shared/contract/recipes.ts'
import { everyFilter, needsBehaviours, writeRecipe, type Recipe } from '#shared/domain/curate/index.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import { selectionOf, toImportInput, type ImportFlags } from './import-options.ts'
import { classifyRollouts, exitOnRejects, importRollouts } from './rollouts.ts'
import { follow, withTemporaryWorkspace, withWorkspace } from './session.ts'
import { count, note, paint, print, table } from './terminal.ts'

export interface CurateFlags extends ImportFlags {
  from?: string[]
  out?: string
  format?: Recipe['output']['format']
  container?: Recipe['output']['container']
  size?: string
  seed?: string
  match?: string
  tokenizer?: string
  inputs?: string[]
  list?: boolean
  show?: boolean
  force?: boolean
  json?: boolean
  device?: Device
  model?: string
}

export interface RunOptions {
  from: readonly string[]
  base: string
  out: string
  flags: CurateFlags
  filter?: FilterInput
}

/**
 * Applies a recipe to a workspace, or to files by way of one that is gone afterwards.
 * @throws CairnError `bad_request` when a workspace stands beside other sources, or comes with options on how files are
 *   read; else as the job
 */
export async function runRecipe(
  recipe: Recipe,
  { from, base, out, flags, filter = {} }: RunOptions,
): Promise<CurateResult> {
  const workspace = from.find((path) => existsSync(join(path, 'cairn.db')))
  if (workspace !== undefined && from.length > 1)
    throw new CairnError(
      'bad_request',
      `${workspace} is a workspace, and a set is made of one workspace or of files. Nothing was written; name it alone with --from.`,
    )
  const input = {
    text: writeRecipe(recipe),
    base,
    path: resolve(out),
    overwrite: flags.force ?? false,
    filter: { ...(workspace !== undefined && selectionOf(flags)), ...filter },
  }
  const start = async (client: EngineClient, reading: Json): Promise<CurateResult> => {
    const job = await follow(client, await client.call('curate.start', { ...input, reading }), 'Curating')
    return job.result as unknown as CurateResult
  }
  if (workspace !== undefined)
    return withWorkspace(workspace, { create: false }, ({ client }) => start(client, null))
  return withTemporaryWorkspace(async ({ client }) => {
    const imported = await importRollouts(client, [...from], flags)
    const asks =
      everyFilter(recipe).some(needsBehaviours) ||
      recipe.sample.by.includes('behaviours') ||
      recipe.rows.kind !== 'traces'
    // Rows that bring labels of all their steps need no predictions.
    if (asks && (await unlabelled(client, recipe))) await classifyRollouts(client, flags)
    const result = await start(client, readingOf(flags))
    exitOnRejects(imported, flags)
    return result
  })
}

async function unlabelled(client: EngineClient, { labels }: Recipe): Promise<boolean> {
  if (labels.annotations === 'only') return false
  if (labels.annotations === 'ignore') return true
  const all = await client.call('traces.count', {})
  const own = await client.call('traces.count', {
    filter: { metadata: [{ path: 'cairn_labels', op: 'exists' }] },
  })
  return own < all
}

/** Options that change what is read from the files, for the manifest: a mapping by what it says, not where it lies. */
export function readingOf(flags: ImportFlags): Json {
  const { paths: _, ...reading } = toImportInput([], flags)
  return Object.keys(reading).length === 0 ? null : (reading as Json)
}

/** Tells what was written: the funnel, the groups, the files. */
export function report(result: CurateResult, { name }: Pick<Recipe, 'name'>, json: boolean): void {
  if (json) return print(JSON.stringify(result))
  print(
    table(
      ['step', 'traces'],
      result.funnel.map((step) => [step.name, count(step.kept)]),
    ),
  )
  for (const { name: step, why } of result.funnel)
    if (why !== undefined) note(`${paint('yellow', step, process.stderr)} ${why}`)
  if (result.groups.length > 1) {
    print()
    print(
      table(
        ['group', 'available', 'wanted', 'rows'],
        result.groups.map((group) => [group.name, group.available, group.wanted, group.rows]),
      ),
    )
  }
  for (const warning of result.warnings) note(`${paint('yellow', 'note', process.stderr)} ${warning}`)
  const splits = result.splits.map((split) => `${count(split.rows)} ${split.name}`).join(', ')
  note(`${name}: ${count(result.rows)} rows (${splits}) in ${result.path}`)
}
