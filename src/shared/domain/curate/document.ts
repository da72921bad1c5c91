import { isNode, LineCounter, parseDocument, stringify, type Document } from 'yaml'
import { CairnError } from '../../errors.ts'
import { Recipe } from './recipe.ts'

/** What is wrong with a recipe, and where. Line and column count from 1; null where the text has no place for it. */
export interface RecipeProblem {
  readonly line: number | null
  readonly column: number | null
  /** As `sample.groups[0].where`. */
  readonly path: string
  readonly message: string
}

/** Longest recipe that is read, in UTF-16 code units. */
const LONGEST = 1_000_000

/** Reads a recipe from YAML or JSON, which is YAML too. Either a recipe or every problem found, in the order of lines. */
export function readRecipe(
  text: string,
): { recipe: Recipe; problems: [] } | { recipe: null; problems: RecipeProblem[] } {
  if (text.length > LONGEST)
    return failed([{ line: null, column: null, path: '', message: 'too long for a recipe' }])
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: '1.2' })
  if (document.errors.length > 0)
    return failed(
      document.errors.map(({ message, pos }) => {
        const { line, col } = lines.linePos(pos[0])
        return {
          line,
          column: col,
          path: '',
          message: message.split('\n')[0]!.replace(/ at line \d+.*$/, ''),
        }
      }),
    )
  let value: unknown
  try {
    // Few aliases are enough for a recipe, and stop those that unfold to gigabytes.
    value = document.toJS({ maxAliasCount: 100 })
  } catch (thrown) {
    return failed([{ line: null, column: null, path: '', message: (thrown as Error).message }])
  }
  const parsed = Recipe.safeParse(value)
  if (parsed.success) return { recipe: parsed.data, problems: [] }
  return failed(
    withoutEchoes(parsed.error.issues.flatMap((issue) => flatten(issue))).map(({ path, message, key }) => ({
      ...placeOf(document, lines, key === undefined ? path : [...path, key]),
      path: pathText(path),
      message,
    })),
  )
}

/**
 * The same, where problems are an error.
 * @param name of the file, for the message
 * @throws CairnError `bad_request` that names file, line and reason
 */
export function requireRecipe(text: string, name: string): Recipe {
  const { recipe, problems } = readRecipe(text)
  if (recipe !== null) return recipe
  const shown = problems.slice(0, 5).map((problem) => `\n  ${problemText(name, problem)}`)
  const more = problems.length > 5 ? `\n  and ${problems.length - 5} more` : ''
  throw new CairnError(
    'bad_request',
    `${name} is not a recipe; nothing was written.${shown.join('')}${more}`,
    {
      file: name,
      problems: problems.length,
    },
  )
}

/** As compilers write it: `file:line:column path: message`. */
export function problemText(name: string, { line, column, path, message }: RecipeProblem): string {
  const place = line === null ? name : `${name}:${line}:${column}`
  return `${place} ${path === '' ? '' : `${path}: `}${message}`
}

/** A recipe as YAML, without what is left at its default. The same recipe gives the same text. */
export function writeRecipe(recipe: Recipe): string {
  const bare = Recipe.parse({ recipe: recipe.recipe, name: recipe.name })
  return stringify(withoutDefaults(recipe, bare, true), { lineWidth: 110, indentSeq: false })
}

function withoutDefaults(value: unknown, standard: unknown, top: boolean): unknown {
  if (!isObject(value)) return value
  const entries = Object.entries(value).flatMap(([key, part]): [string, unknown][] => {
    const usual = isObject(standard) ? standard[key] : undefined
    if (part === undefined) return []
    if (!(top && (key === 'recipe' || key === 'name')) && JSON.stringify(part) === JSON.stringify(usual))
      return []
    return [[key, key === 'rows' ? part : withoutDefaults(part, usual, false)]]
  })
  return Object.fromEntries(entries)
}

type Path = readonly PropertyKey[]
interface Flat {
  path: Path
  message: string
  /** A key that is too much, which is then the place. */
  key?: string
}
type Issue = Parameters<typeof flatten>[0]

/** One line for each issue; of a union, those of the alternative that came nearest. */
function flatten(issue: {
  code?: string | undefined
  path: Path
  message: string
  keys?: string[]
  errors?: Issue[][]
}): Flat[] {
  if (issue.code === 'unrecognized_keys' && issue.keys)
    return issue.keys.map((key) => ({ path: issue.path, message: `"${key}" is not known here`, key }))
  if (issue.code === 'invalid_union' && issue.errors && issue.errors.length > 0) {
    const depth = (issues: readonly Issue[]) => Math.max(...issues.map(({ path }) => path.length))
    const nearest = issue.errors.reduce((best, next) => (depth(next) > depth(best) ? next : best))
    if (depth(nearest) > 0)
      return nearest.flatMap((inner) => flatten({ ...inner, path: [...issue.path, ...inner.path] }))
    const tried = [...new Set(issue.errors.flat().map(({ message }) => plain(message)))]
    return [{ path: issue.path, message: tried.join('; or ') }]
  }
  return [{ path: issue.path, message: plain(issue.message) }]
}

/** Where a key is misspelt, that no other key is there is no news. */
function withoutEchoes(problems: readonly Flat[]): Flat[] {
  const at = (path: Path) => pathText(path)
  const misspelt = new Set(problems.filter(({ key }) => key !== undefined).map(({ path }) => at(path)))
  return problems.filter(
    ({ path, key, message }) =>
      key !== undefined || !misspelt.has(at(path)) || !message.includes('needs one of'),
  )
}

const plain = (message: string): string =>
  message.replace(/^Invalid (?:input|option): /, '').replaceAll('"|"', '", "')

function placeOf(document: Document, lines: LineCounter, path: Path) {
  for (let depth = path.length; depth >= 0; depth--) {
    const parent = depth === 0 ? document.contents : document.getIn(path.slice(0, depth - 1), true)
    const last = path[depth - 1]
    // A key is the better place than its value, which may begin lines below.
    const pair = hasItems(parent) ? parent.items.find((item) => keyOf(item) === last) : undefined
    const node = depth === 0 ? parent : (pair?.key ?? document.getIn(path.slice(0, depth), true))
    if (!isNode(node) || !node.range) continue
    const { line, col } = lines.linePos(node.range[0])
    return { line, column: col }
  }
  return { line: null, column: null }
}

function hasItems(node: unknown): node is { items: { key?: unknown }[] } {
  return isObject(node) && Array.isArray(node['items'])
}

function keyOf(item: { key?: unknown }): unknown {
  return isObject(item.key) ? item.key['value'] : undefined
}

function pathText(path: Path): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    '',
  )
}

function failed(problems: RecipeProblem[]): { recipe: null; problems: RecipeProblem[] } {
  return { recipe: null, problems: problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)) }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
