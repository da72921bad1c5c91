/** What the first pass over a top-level object learnt of one member. */
export interface MemberFacts {
  key: string
  kind: 'array' | 'object' | 'string' | 'scalar'
  /** Elements of an array. */
  count: number
  /** First bytes of an array's elements: `{`, `[`, `"` and `0` for everything else. */
  elements: string
  /** Field names of the object, or of an array's first element when that is an object. */
  fields: readonly string[] | null
  /** Bytes of the value. */
  length: number
  /** All values of the object are strings, numbers or null. */
  flat: boolean
}

/**
 * What stands between an array's elements and the records: nothing; the datasets server's `row`; or the
 * names in the document's `columns` (pandas' orient "split").
 */
export type Unwrap = 'none' | 'row' | 'columns'

/** How a top-level object holds records. */
export type Layout =
  | { kind: 'record' }
  /** The records are elements of these arrays; each is told apart by the array's key when there are several. */
  | { kind: 'arrays'; keys: readonly string[]; unwrap: Unwrap }
  /** Column by column: the n-th elements of these members are the fields of the n-th record. */
  | { kind: 'columns'; keys: readonly string[] }
  /** Identifier → record, or identifier → array of records. */
  | { kind: 'dictionary' }

const RECORD_ARRAYS = new Set(
  (
    'results samples predictions data rollouts rows records examples traces instances items entries problems ' +
    'completions generations responses outputs train test validation valid dev eval questions documents'
  ).split(' '),
)
/** Arrays of objects that belong to one record. */
const PARTS_OF_RECORD = new Set(
  (
    'messages message conversation conversations chat dialog dialogue turns steps chunks choices tools tool_calls events ' +
    'annotations labels spans segments candidates reductions'
  ).split(' '),
)
const PROMPTS = new Set([
  'prompt',
  'question',
  'problem',
  'instruction',
  'input',
  'query',
  'messages',
  'conversations',
])
const RESPONSES = new Set([
  'response',
  'completion',
  'output',
  'answer',
  'generation',
  'text',
  'raw_generation',
])
const TEXT_COLUMNS = new Set(
  (
    'predictions responses completions outputs generations texts traces samples prediction response completion output ' +
    'generation text prompts prompt'
  ).split(' '),
)

/** Decides how a top-level object holds its records; one record it is itself when nothing else fits. */
export function layoutOf(members: readonly MemberFacts[]): Layout {
  const arrays = members.filter((member) => member.kind === 'array' && member.count > 0)
  return (
    splitTable(arrays) ??
    emptyArray(members) ??
    dictionary(members) ??
    recordArrays(members, arrays) ??
    columns(members, arrays) ?? { kind: 'record' }
  )
}

function splitTable(arrays: readonly MemberFacts[]): Layout | null {
  const names = arrays.find((array) => array.key === 'columns' && array.elements === '"')
  const data = arrays.find((array) => array.key === 'data' && array.elements === '[')
  return names && data ? { kind: 'arrays', keys: [data.key], unwrap: 'columns' } : null
}

/** A run that made no records: its list is there and empty. */
function emptyArray(members: readonly MemberFacts[]): Layout | null {
  const arrays = members.filter((member) => member.kind === 'array')
  const [list] = arrays
  const asks = members.some((member) => PROMPTS.has(member.key) || RESPONSES.has(member.key))
  const empty =
    list !== undefined && arrays.length === 1 && list.count === 0 && RECORD_ARRAYS.has(list.key) && !asks
  return empty ? { kind: 'arrays', keys: [list.key], unwrap: 'none' } : null
}

function recordArrays(members: readonly MemberFacts[], arrays: readonly MemberFacts[]): Layout | null {
  const ofRecords = arrays.filter((array) => array.elements === '{' && !PARTS_OF_RECORD.has(array.key))
  const answers = members.some((member) => member.kind === 'string' && RESPONSES.has(member.key))
  const asks = members.some((member) => member.kind === 'string' && PROMPTS.has(member.key))
  const known = ofRecords.filter(
    (array) =>
      RECORD_ARRAYS.has(array.key) && !(asks && array.key.endsWith('s') && TEXT_COLUMNS.has(array.key)),
  )
  const total = members.reduce((sum, member) => sum + member.length, 0)
  const main =
    largest(known) ??
    (asks ? null : (largest(ofRecords.filter((array) => array.length > 0.8 * total)) ?? null))
  if (main === null || answers) return null
  // Columns of objects beside columns of text are columns, not lists of records.
  if (
    arrays.some(
      (array) =>
        array !== main && array.count === main.count && array.count > 1 && array.elements.includes('"'),
    )
  ) {
    return null
  }
  const alike = known.filter((array) => array === main || overlap(array.fields, main.fields) >= 0.5)
  const unwrap = main.key === 'rows' && main.fields?.includes('row') ? 'row' : 'none'
  return { kind: 'arrays', keys: alike.includes(main) ? alike.map((array) => array.key) : [main.key], unwrap }
}

function columns(members: readonly MemberFacts[], arrays: readonly MemberFacts[]): Layout | null {
  // pandas' DataFrame.to_json(): column → { row label → value }
  if (members.length > 0 && members.every(isTableColumn)) {
    return { kind: 'columns', keys: members.map((member) => member.key) }
  }
  const [first] = arrays
  if (
    !first ||
    members.some(
      (member) => member.kind === 'string' && (PROMPTS.has(member.key) || RESPONSES.has(member.key)),
    )
  ) {
    return null
  }
  const text = arrays.filter((array) => array.elements.includes('"') || array.elements === '[')
  const even = arrays.every((array) => array.count === first.count)
  if (text.length === 0 || (arrays.length === 1 && !TEXT_COLUMNS.has(first.key))) return null
  if (even) return { kind: 'columns', keys: arrays.map((array) => array.key) }
  const named = text.filter((array) => TEXT_COLUMNS.has(array.key) || PROMPTS.has(array.key))
  return named.length > 0 ? { kind: 'columns', keys: arrays.map((array) => array.key) } : null
}

function dictionary(members: readonly MemberFacts[]): Layout | null {
  const [first, ...others] = members
  if (!first || others.length === 0) return null
  if (members.every(isTableColumn)) return null
  const records = members.every(
    (member) =>
      member.kind === first.kind &&
      (member.kind === 'object' ||
        (member.kind === 'array' && (member.elements === '{' || member.count === 0))),
  )
  if (!records || members.some((member) => PARTS_OF_RECORD.has(member.key))) return null
  const alike = others.filter((member) => overlap(first.fields, member.fields) >= 0.5)
  return alike.length >= 0.8 * others.length ? { kind: 'dictionary' } : null
}

function largest(arrays: readonly MemberFacts[]): MemberFacts | null {
  return arrays.reduce<MemberFacts | null>(
    (best, array) => (best && best.length >= array.length ? best : array),
    null,
  )
}

/** Share of field names in common; 1 when either side is unknown. */
function overlap(a: readonly string[] | null, b: readonly string[] | null): number {
  if (a === null || b === null) return 1
  const all = new Set([...a, ...b])
  return all.size === 0 ? 1 : a.filter((name) => b.includes(name)).length / all.size
}

function isTableColumn(member: MemberFacts): boolean {
  const { fields } = member
  return (
    member.flat &&
    fields !== null &&
    fields.length > 0 &&
    fields.every((field, index) => field === String(index))
  )
}
