import { MAPPED_FIELDS } from '#shared/contract/imports.ts'
import { CairnError } from '#shared/errors.ts'
import type { Json } from '#shared/domain/trace.ts'
import type { MappedField, Mapping } from '../../types.ts'
import { addTaken, takenTree, type TakenTree } from './leftover.ts'
import { parsePath, resolve, type Branch, type Path } from './path.ts'
import type { JsonObject } from './record.ts'

/** One bit a field, so that what a trace took of its record is one number. */
export const BIT = Object.fromEntries(MAPPED_FIELDS.map((field, i) => [field, 1 << i])) as Record<
  MappedField,
  number
>

/** A mapping with its paths parsed: what is read for each field, and what of the record that uses up. */
export interface Plan {
  get: Partial<Record<MappedField, (record: JsonObject, branch: Branch) => Json | undefined>>
  /** Top-level field → bits of the mapped fields that are exactly it. */
  flat: Map<string, number>
  /** Top-level field → mapped places inside it. */
  nested: Map<string, TakenTree>
  /** Top-level name of a mapped list of messages, for what its texts do not hold. */
  messagesKey: string | null
  responsePath: Path
}

/** The error for a mapping that cannot work. */
export function invalidMapping(message: string, field: string, path: string): CairnError {
  return new CairnError('mapping_invalid', message, { field, path })
}

/**
 * Parses a mapping's paths.
 * @throws CairnError `mapping_invalid`
 */
export function planOf(mapping: Mapping): Plan {
  const source = mapping.fields.response ?? mapping.fields.messages
  if (source === undefined) {
    throw invalidMapping(
      'A mapping needs the path of the response, or of messages that hold it.',
      'response',
      '',
    )
  }
  const responsePath = parsePath(source)
  const plan: Plan = { get: {}, flat: new Map(), nested: new Map(), messagesKey: null, responsePath }
  for (const [field, text] of Object.entries(mapping.fields) as [MappedField, string | undefined][]) {
    if (!Object.hasOwn(BIT, field)) {
      throw invalidMapping(
        `There is no trace field "${field}". Fields: ${MAPPED_FIELDS.join(', ')}.`,
        field,
        text ?? '',
      )
    }
    if (text !== undefined) plan.get[field] = place(plan, field, parsePath(text))
  }
  return plan
}

function place(
  plan: Plan,
  field: MappedField,
  path: Path,
): (record: JsonObject, branch: Branch) => Json | undefined {
  const [first, ...rest] = path.steps
  if (first === undefined || !('key' in first)) {
    throw invalidMapping(
      `The path "${path.text}" for ${field} must begin with a field name.`,
      field,
      path.text,
    )
  }
  if (path.fans > plan.responsePath.fans) {
    throw invalidMapping(
      `The path "${path.text}" for ${field} has more [*] than the response path "${plan.responsePath.text}"; there would be several values for one trace.`,
      field,
      path.text,
    )
  }
  const { key } = first
  if (rest.length > 0) {
    const tree = plan.nested.get(key) ?? takenTree()
    plan.nested.set(key, tree)
    addTaken(tree, rest, BIT[field])
    return (record, branch) => resolve(record, path.steps, branch.indices)
  }
  plan.flat.set(key, (plan.flat.get(key) ?? 0) | BIT[field])
  if (field === 'messages') plan.messagesKey = key
  return (record) => (Object.hasOwn(record, key) ? record[key] : undefined)
}
