import type { Json } from '#shared/domain/trace.ts'
import type { MappedField } from '../../types.ts'
import { toBoolean, toKey, toNumber, toReference, toStep } from './coerce.ts'
import { asConversation, roleOf } from './conversation.ts'
import { FIELD_NAMES as NAMES } from './names.ts'
import { keyPath } from './path.ts'
import { isList, isObject, type JsonObject } from './record.ts'

/** A name as it is compared: lower case, letters and digits only. */
export function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

type Fits = (value: Json) => boolean

const FITS: Record<Exclude<MappedField, 'response' | 'prompt'>, Fits> = {
  reasoning: (value) => typeof value === 'string',
  messages: (value) => asConversation(value) !== null,
  key: (value) => toKey(value) !== null,
  sample: (value) => toNumber(value) !== null,
  checkpoint: (value) => toStep(value) !== null,
  run: (value) => typeof value === 'string' && value.length > 0 && value.length < 200,
  reward: (value) => toNumber(value) !== null || isNotFinite(value),
  correct: (value) => toBoolean(value) !== null,
  reference: (value) => toReference(value) !== null,
  truncated: (value) => toBoolean(value) !== null,
  tokens: (value) => toNumber(value) !== null,
}

/** Python writes a missing or overflown score so; it is a score field all the same. */
function isNotFinite(value: Json): boolean {
  return typeof value === 'string' && /^[+-]?(?:nan|inf|infinity)$/i.test(value.trim())
}

/** Facts about the fields of sampled records, for guessing which is which. */
export interface Fields {
  readonly records: readonly JsonObject[]
  /** Plain name → first field with that name. */
  readonly byName: ReadonlyMap<string, string>
}

/** Collects the field names of sampled records, in the order first seen. */
export function fieldsOf(records: readonly JsonObject[]): Fields {
  const byName = new Map<string, string>()
  for (const record of records) {
    for (const key of Object.keys(record)) {
      const plain = plainName(key)
      if (!byName.has(plain)) byName.set(plain, key)
    }
  }
  return { records, byName }
}

/** Whether most of the values a field has in the sample pass; false when all are absent or null. */
function mostly(records: readonly JsonObject[], key: string, fits: Fits): boolean {
  const values = records.flatMap((record) => (Object.hasOwn(record, key) ? [record[key] as Json] : []))
  const present = values.filter((value) => value !== null)
  return present.length > 0 && present.filter(fits).length * 2 > present.length
}

/** The best field for one trace field among those not yet used, or null. */
export function guessField(
  fields: Fields,
  field: Exclude<MappedField, 'response' | 'prompt'>,
  used: ReadonlySet<string>,
): string | null {
  const keys = NAMES[field].flatMap((name) => fields.byName.get(name) ?? []).filter((key) => !used.has(key))
  // A field that is null all through the sample may have values later.
  return (
    keys.find((key) => mostly(fields.records, key, FITS[field])) ??
    keys.find((key) => fields.records.every((record) => (record[key] ?? null) === null)) ??
    null
  )
}

/** Where the responses are: the field and the path in it (`outputs[*].text`). */
export function guessResponse(
  fields: Fields,
  used: ReadonlySet<string>,
): { key: string; path: string } | null {
  for (const name of NAMES.response) {
    const key = fields.byName.get(name)
    if (key === undefined || used.has(key)) continue
    const path = responsePath(fields.records, key)
    if (path !== null) return { key, path }
  }
  return null
}

const LISTS_OF_STEPS = new Set(['steps', 'modelsolutionsteps', 'trace', 'cot'])

function responsePath(records: readonly JsonObject[], key: string): string | null {
  const base = keyPath(key)
  if (mostly(records, key, (value) => typeof value === 'string' || isAnswered(value))) return base
  const isTexts: Fits = (value) =>
    isList(value) && value.length > 0 && value.every((item) => typeof item === 'string')
  if (mostly(records, key, isTexts)) return LISTS_OF_STEPS.has(plainName(key)) ? base : `${base}[*]`
  if (mostly(records, key, isObject)) {
    const inner = innerText(records.flatMap((record) => (isObject(record[key]) ? [record[key]] : [])))
    return inner === null ? null : keyPath(key, inner)
  }
  const isObjects: Fits = (value) => isList(value) && value.length > 0 && value.every(isObject)
  if (!mostly(records, key, isObjects)) return null
  const elements = records.flatMap((record) => (isList(record[key]) ? record[key].filter(isObject) : []))
  const inner = innerText(elements)
  return inner === null ? null : `${base}[*]${keyPath(inner).replace(/^(?!\[)/, '.')}`
}

function isAnswered(value: Json): boolean {
  return asConversation(value)?.some((message) => roleOf(message) === 'assistant') ?? false
}

function innerText(elements: readonly JsonObject[]): string | null {
  const fields = fieldsOf(elements)
  for (const name of ['text', 'content', ...NAMES.response]) {
    const key = fields.byName.get(name)
    if (key !== undefined && mostly(elements, key, (value) => typeof value === 'string')) return key
  }
  return null
}

/** Names that mean a prompt whatever stands there; a lone word under `problem` or `task` is a name. */
const PLAIN_PROMPTS: readonly string[] = ['prompt', 'question', 'query', 'instruction']

/**
 * The prompt field (text or messages), or null. What looks like a prompt goes before what is only called one, which
 * beside a conversation is a name: that has the question.
 */
export function guessPrompt(fields: Fields, used: ReadonlySet<string>): string | null {
  const keys = (names: readonly string[]) =>
    names.flatMap((name) => fields.byName.get(name) ?? []).filter((key) => !used.has(key))
  const likely = keys(NAMES.prompt).find((key) => mostly(fields.records, key, isPrompt))
  if (likely !== undefined) return likely
  if (keys(NAMES.messages).some((key) => mostly(fields.records, key, FITS.messages))) return null
  return keys(PLAIN_PROMPTS).find((key) => mostly(fields.records, key, isText)) ?? null
}

const isText: Fits = (value) => typeof value === 'string' && value.trim() !== ''

/** More than a lone word; of scripts written without spaces any word, since it may be a whole question. */
const PHRASE =
  /\S\s+\S|[?？。=]|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

function isPrompt(value: Json): boolean {
  return typeof value === 'string' ? PHRASE.test(value) : asConversation(value) !== null
}

const FANNED_FIELDS = ['correct', 'reward', 'truncated', 'tokens'] as const

/**
 * Scores and counts given once a response, beside responses fanned out by `[*]`: lists as long as
 * theirs (`generations[*]` with `correct[*]`) or fields of the same elements (`outputs[*].score`).
 */
export function guessFanned(
  fields: Fields,
  response: { key: string; path: string },
): Partial<Record<MappedField, string>> {
  const sides: Partial<Record<MappedField, string>> = {}
  const base = keyPath(response.key)
  const elements = fields.records.flatMap((record) => {
    const list = record[response.key]
    return isList(list) ? list.filter(isObject) : []
  })
  const inner = fieldsOf(elements)
  const used = new Set<string>()
  for (const field of FANNED_FIELDS) {
    const within = guessField(inner, field, used)
    const beside = NAMES[field]
      .map((name) => fields.byName.get(name))
      .find((key) => isZipped(fields, response.key, key))
    if (within !== null) {
      sides[field] = `${base}[*]${keyPath(within).replace(/^(?!\[)/, '.')}`
      used.add(within)
    } else if (beside !== undefined && !used.has(beside)) {
      sides[field] = `${keyPath(beside)}[*]`
      used.add(beside)
    }
  }
  return sides
}

function isZipped({ records }: Fields, response: string, key: string | undefined): boolean {
  if (key === undefined) return false
  const lists = records.flatMap((record) =>
    isList(record[key]) ? [{ list: record[key], of: record[response] }] : [],
  )
  return lists.length > 0 && lists.every(({ list, of }) => isList(of) && of.length === list.length)
}

const SIDE_FIELDS = [
  ...([
    'key',
    'checkpoint',
    'run',
    'sample',
    'correct',
    'reward',
    'reference',
    'truncated',
    'tokens',
  ] as const),
]

/** Guesses everything but the texts: identifier, run, checkpoint, scores, reference, counts. */
export function guessSides(fields: Fields, used: ReadonlySet<string>): Partial<Record<MappedField, string>> {
  const sides: Partial<Record<MappedField, string>> = {}
  const taken = new Set(used)
  // A Countdown problem is its numbers and target together; the target alone is no reference answer.
  if (fields.byName.has('numbers') || fields.byName.has('nums')) taken.add(fields.byName.get('target') ?? '')
  for (const field of SIDE_FIELDS) {
    // `acc` is correctness only where another field is the reward.
    const barred = field === 'correct' && guessField(fields, 'reward', taken) === fields.byName.get('acc')
    const key = guessField(
      fields,
      field,
      barred ? new Set([...taken, fields.byName.get('acc') ?? '']) : taken,
    )
    if (key === null) continue
    sides[field] = keyPath(key)
    taken.add(key)
  }
  if (sides.reference === undefined && mostly(fields.records, 'reward_model', hasGroundTruth)) {
    sides.reference = 'reward_model.ground_truth'
  }
  return sides
}

/** verl data sets keep the reference inside `reward_model`. */
function hasGroundTruth(value: Json): boolean {
  return isObject(value) && Object.hasOwn(value, 'ground_truth')
}
