import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { FilterInput } from '#shared/contract/filter.ts'
import { requireRecipe } from '#shared/domain/curate/index.ts'
import type { Json } from '#shared/domain/trace.ts'
import { CairnError } from '#shared/errors.ts'
import { readingOf, report, runRecipe, type CurateFlags } from './curation.ts'
import { EXIT } from './exit-codes.ts'
import type { ImportFlags } from './import-options.ts'
import { note, paint } from './terminal.ts'

interface Manifest {
  manifest: string
  recipe: { [key: string]: Json }
  source: {
    inputs: { name: string; sha256: string | null }[]
    filter: FilterInput
    /** An early Cairn wrote where a mapping lay, later ones write what it says. */
    reading: ImportFlags | null
  }
  resources: { name: string }[]
  versions: { models: { model: string }[] }
}

/** Whether a path is the manifest of a data set. */
export function isManifest(path: string): boolean {
  if (!path.endsWith('.json') || !existsSync(path)) return false
  try {
    return readManifest(path).manifest === 'cairn.dataset'
  } catch {
    return false
  }
}

/**
 * Makes a data set again from its manifest: from the inputs it names, wherever they lie now, or from a workspace given
 * after it. Tells whether the bytes are the same, else what has changed; the exit code is then 1.
 * @throws CairnError `bad_request` when an input is missing or another one now, or an option asks for another recipe
 */
export async function rebuild(path: string, out: string, flags: CurateFlags): Promise<void> {
  refuseChanges(path, flags)
  // With --force it may lie in the folder that is replaced.
  const before = readFileSync(path, 'utf8')
  const manifest = readManifest(path)
  const recipe = requireRecipe(JSON.stringify(manifest.recipe), `The recipe in ${path}`)
  const places = [process.cwd(), dirname(resolve(path)), ...(flags.inputs ?? []).map((dir) => resolve(dir))]
  const workspace = flags.from?.[1]
  const { ids, except, sources } = manifest.source.filter
  if (workspace === undefined && (ids ?? except ?? sources) !== undefined)
    throw new CairnError(
      'bad_request',
      `${path} was made from traces chosen by number in a workspace. Name that workspace after it: --from ${path} WORKSPACE. Nothing was written.`,
    )
  const from = workspace === undefined ? await findInputs(manifest, places) : [workspace]
  const base =
    places.find((place) => manifest.resources.every(({ name }) => existsSync(join(place, name)))) ??
    places[0]!
  const given = manifest.source.reading ?? {}
  const reading = workspace === undefined ? withMapping(given, places, flags) : {}
  // A workspace has its predictions already.
  const model = workspace === undefined ? modelOf(manifest, flags) : {}
  const result = await runRecipe(recipe, {
    from,
    base,
    out,
    flags: { ...flags, ...model, ...reading },
    filter: manifest.source.filter,
  })
  report(result, recipe, flags.json ?? false)
  const after = readFileSync(join(out, 'manifest.json'), 'utf8')
  if (before === after)
    return note(`${paint('green', 'same', process.stderr)} every file has the bytes of ${dirname(path)}`)
  // Of a workspace nothing was read, so that nothing is to be put into today's words.
  const told = workspace === undefined ? readingOf(reading) : manifest.source.reading
  const normal = { ...manifest, source: { ...manifest.source, reading: told } }
  const changed = differences(normal as unknown as Json, JSON.parse(after) as Json)
  if (changed.length === 0)
    return note(
      `${paint('green', 'same', process.stderr)} every file has the bytes of ${dirname(path)}, but for manifest.json, which says the same in other words`,
    )
  note(`${paint('yellow', 'changed', process.stderr)} since ${path} was written:`)
  for (const line of changed.slice(0, 30)) note(`  ${line}`)
  process.exitCode = EXIT.failed
}

/** What the recipe of a manifest says already. */
const OF_RECIPES = ['size', 'seed', 'format', 'container', 'match', 'tokenizer', 'show'] as const

function refuseChanges(path: string, flags: CurateFlags): void {
  const asked = OF_RECIPES.filter((name) => flags[name] !== undefined).map((name) => `--${name}`)
  if (asked.length === 0) return
  throw new CairnError(
    'bad_request',
    `${asked.join(', ')} would make another set than that of ${path}; nothing was written. Name a recipe to make one: the folder of the set has its recipe.yaml.`,
  )
}

/**
 * How the inputs are read. A mapping that the manifest names by its path is looked for in the folders where the inputs
 * are, unless another place is given.
 * @throws CairnError `bad_request` when it is nowhere
 */
function withMapping(reading: ImportFlags, places: readonly string[], { mapping }: ImportFlags): ImportFlags {
  const named = reading.mapping
  if (typeof named !== 'string') return reading
  const found = mapping ?? places.map((place) => resolve(place, named)).find((path) => existsSync(path))
  if (found === undefined)
    throw new CairnError(
      'bad_request',
      `The mapping that the set was made with, ${named}, was not found; nothing was written. Name it with --mapping.`,
    )
  return { ...reading, mapping: found }
}

/** The model that is asked: the one that the set was made with, unless another is named or there were several. */
function modelOf({ versions: { models } }: Manifest, { model }: CurateFlags): Pick<CurateFlags, 'model'> {
  const [only, ...more] = models
  return model !== undefined || only === undefined || more.length > 0 ? {} : { model: only.model }
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest
}

/**
 * The inputs in their order, each found by name or, in the folders given, by what it holds. Of a member of an archive
 * (`d.zip!a.jsonl`) that is the archive, named once for all its members.
 */
async function findInputs({ source }: Manifest, places: readonly string[]): Promise<string[]> {
  const found: string[] = []
  const wrong: string[] = []
  for (const { name, sha256 } of source.inputs) {
    const parts = name.split('!')
    const names = parts.map((_, at) => parts.slice(0, parts.length - at).join('!'))
    const named = names.flatMap((one) => places.map((place) => join(place, one))).filter(isInput)
    const others = places.slice(2).flatMap((place) => below(place))
    const same = await firstWith(sha256, [...named, ...others])
    if (same !== null) {
      if (!found.includes(same)) found.push(same)
    } else wrong.push(named.length > 0 ? `${named[0]!} is another file now` : `${name} was not found`)
  }
  if (wrong.length > 0)
    throw new CairnError(
      'bad_request',
      `The inputs of the set are not all there; nothing was written.\n  ${wrong.join('\n  ')}\nName the folder they lie in with --inputs.`,
    )
  return found
}

async function firstWith(sha256: string | null, paths: readonly string[]): Promise<string | null> {
  for (const path of paths) if (sha256 === null || (await hashOf(path)) === sha256) return path
  return null
}

const hashes = new Map<string, string>()

async function hashOf(path: string): Promise<string> {
  const known = hashes.get(path)
  if (known !== undefined) return known
  const hash = createHash('sha256')
  await pipeline(createReadStream(hashedOf(path)), hash)
  const hex = hash.digest('hex')
  hashes.set(path, hex)
  return hex
}

/** The file that is hashed for an input: of a problem folder of thought-anchors its solution. */
function hashedOf(path: string): string {
  return existsSync(path) && statSync(path).isDirectory() ? join(path, 'base_solution.json') : path
}

function isInput(path: string): boolean {
  const file = hashedOf(path)
  return existsSync(file) && statSync(file).isFile()
}

/** Files and problem folders, a folder before what is in it. */
function below(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(isInput)
}

/** One line for every value that differs, by its path. */
function differences(before: Json | undefined, after: Json | undefined, path = ''): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  const isBranch = (value: Json | undefined): value is { readonly [key: string]: Json } =>
    typeof value === 'object' && value !== null
  if (!isBranch(before) || !isBranch(after)) return [`${path}: ${short(before)} is now ${short(after)}`]
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].flatMap((key) =>
    differences(before[key], after[key], path === '' ? key : `${path}.${key}`),
  )
}

function short(value: Json | undefined): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
