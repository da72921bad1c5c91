import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import {
  chatTemplate,
  createJudge,
  requireRecipe,
  tokenizerCounter,
  WORD_COUNTER,
  type Judge,
  type Recipe,
  type RenderChat,
  type TokenCounter,
} from '#shared/domain/curate/index.ts'
import { CairnError } from '#shared/errors.ts'
import { latexParser } from './latex-parser.ts'

/** A file that a recipe names, for the manifest. */
export interface ResourceFile {
  readonly role: 'tokenizer' | 'chat_template' | 'recipe'
  readonly name: string
  readonly sha256: string
}

/** What a recipe needs besides traces. */
export interface Resources {
  readonly counter: TokenCounter
  readonly templates: ReadonlyMap<string, RenderChat>
  readonly judge: Judge
  /** The recipe whose lengths are matched. */
  readonly matched: Recipe | null
  readonly files: readonly ResourceFile[]
}

/**
 * Reads the files a recipe names.
 * @param base folder where relative paths start
 * @param named finds a recipe by its name, as text; null when there is none
 * @throws CairnError `bad_request` when one is missing or unfit
 */
export async function loadResources(
  recipe: Recipe,
  base: string,
  named: (name: string) => string | null,
): Promise<Resources> {
  const files: ResourceFile[] = []
  const read = (role: ResourceFile['role'], name: string): string => {
    try {
      const text = readFileSync(resolve(base, name), 'utf8')
      files.push({ role, name: basename(name), sha256: sha256(text) })
      return text
    } catch (cause) {
      throw new CairnError(
        'bad_request',
        `The recipe ${recipe.name} names ${name}, which ${unreadable(cause)} (${resolve(base, name)}). Give the path of the file, or put it there.`,
        { file: name },
        { cause },
      )
    }
  }
  let counter = WORD_COUNTER
  if (recipe.tokenizer !== null)
    counter = tokenizerCounter(read('tokenizer', recipe.tokenizer), basename(recipe.tokenizer))
  const templates = new Map<string, RenderChat>()
  for (const { chat_template: template } of recipe.transforms)
    if (template)
      templates.set(template.file, chatTemplate(read('chat_template', template.file), template.file))
  const other = recipe.sample.match?.recipe
  const known = other === undefined ? null : named(other)
  const text = other === undefined ? null : (known ?? read('recipe', other))
  if (known !== null) files.push({ role: 'recipe', name: other!, sha256: sha256(known) })
  return {
    counter,
    templates,
    judge: createJudge(await latexParser(), recipe.checking),
    matched: text === null ? null : requireRecipe(text, other!),
    files,
  }
}

const unreadable = (cause: unknown): string =>
  (cause as NodeJS.ErrnoException).code === 'ENOENT'
    ? 'is not there'
    : `cannot be read: ${(cause as Error).message}`

/** The recipes that come with Cairn, as text, by name. */
export function builtInRecipes(folder: string): Map<string, string> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
  return new Map(
    names.sort().map((name) => [name.replace(/\.yaml$/, ''), readFileSync(join(folder, name), 'utf8')]),
  )
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
