import { CairnError } from '#shared/errors.ts'
import type { Json } from '#shared/domain/trace.ts'
import { isList, isObject, own } from './record.ts'

/** One step into a value: a field name, a list index (negative counts from the end), or every element. */
export type PathStep = { readonly key: string } | { readonly index: number } | { readonly all: true }

export interface Path {
  readonly text: string
  readonly steps: readonly PathStep[]
  /** Number of `[*]` steps. */
  readonly fans: number
}

const STEP = /\.?([^.[\]"]+)|\[(-?\d+)\]|\[(\*)\]|\.?\[("(?:[^"\\]|\\.)*")\]/y

/**
 * Parses `a.b[0].c`, `a[*].b`, `a[-1]`; a field whose name holds a dot, bracket or quote is written
 * `["a.b"]` with JSON escapes.
 * @throws CairnError `mapping_invalid`
 */
export function parsePath(text: string): Path {
  const steps: PathStep[] = []
  STEP.lastIndex = 0
  let at = 0
  while (at < text.length) {
    const match = STEP.exec(text)
    const startsWithDot = at === 0 && text.startsWith('.')
    const missesDot = at > 0 && match?.[1] !== undefined && text[at] !== '.'
    if (match === null || startsWithDot || missesDot) throw invalidPath(text, at)
    steps.push(stepOf(match, text, at))
    at = STEP.lastIndex
  }
  if (steps.length === 0) throw invalidPath(text, 0)
  return { text, steps, fans: steps.filter((step) => 'all' in step).length }
}

function stepOf(match: RegExpExecArray, text: string, at: number): PathStep {
  if (match[1] !== undefined) return { key: match[1] }
  if (match[2] !== undefined) return { index: Number(match[2]) }
  if (match[3] !== undefined) return { all: true }
  try {
    return { key: JSON.parse(match[4] as string) as string }
  } catch {
    throw invalidPath(text, at)
  }
}

function invalidPath(text: string, at: number): CairnError {
  const where = text === '' ? 'it is empty' : `it breaks off at character ${at + 1}`
  return new CairnError(
    'mapping_invalid',
    `The path "${text}" cannot be read: ${where}. Write it like response, choices[0].text, samples[*].text or ["a.b"].`,
    { path: text, at },
  )
}

const PLAIN_KEY = /^[^.[\]"]+$/

/** The path text of steps; the inverse of `parsePath`. */
export function formatPath(steps: readonly PathStep[]): string {
  let text = ''
  for (const step of steps) {
    if ('all' in step) text += '[*]'
    else if ('index' in step) text += `[${step.index}]`
    else if (PLAIN_KEY.test(step.key)) text += text === '' ? step.key : `.${step.key}`
    else text += `[${JSON.stringify(step.key)}]`
  }
  return text
}

/** The path of a top-level field, quoted where its name needs it. */
export function keyPath(...keys: readonly string[]): string {
  return formatPath(keys.map((key) => ({ key })))
}

/** The element at an index, negative from the end; undefined outside the list or on anything else. */
function elementAt(value: Json | undefined, index: number): Json | undefined {
  return isList(value) ? value.at(index) : undefined
}

/** Walks a path, taking `indices[k]` at its k-th `[*]`; undefined where the record has no such place. */
export function resolve(
  value: Json,
  steps: readonly PathStep[],
  indices: readonly number[],
): Json | undefined {
  let here: Json | undefined = value
  let fan = 0
  for (const step of steps) {
    if ('key' in step) here = isObject(here) ? own(here, step.key) : undefined
    else here = elementAt(here, 'index' in step ? step.index : (indices[fan++] ?? -1))
    if (here === undefined) return undefined
  }
  return here
}

/** One way through the `[*]`s of a path, with the length of the list met at each. */
export interface Branch {
  readonly indices: readonly number[]
  readonly lengths: readonly number[]
}

/** Every branch of a path with `[*]`, in document order; none where a list is missing. */
export function branches(value: Json, steps: readonly PathStep[]): Branch[] {
  const found: Branch[] = []
  walk(value, 0, [], [])
  return found

  function walk(here: Json | undefined, from: number, indices: number[], lengths: number[]): void {
    const at = steps.findIndex((step, position) => position >= from && 'all' in step)
    if (at === -1) {
      found.push({ indices, lengths })
      return
    }
    const list = here === undefined ? undefined : resolve(here, steps.slice(from, at), [])
    if (!isList(list)) return
    for (let index = 0; index < list.length; index++) {
      walk(list[index], at + 1, [...indices, index], [...lengths, list.length])
    }
  }
}
