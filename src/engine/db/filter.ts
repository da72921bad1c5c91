import { CairnError } from '#shared/errors.ts'
import type { Filter } from '#shared/contract/filter.ts'
import { toFtsQuery } from './fts-query.ts'
import { OF_BEHAVIOUR } from './own-counts.ts'

type MetadataCondition = NonNullable<Filter['metadata']>[number]

export interface Condition {
  /** An SQL condition on `traces t`; `1` when everything is selected. */
  sql: string
  params: (string | number | null)[]
}

/**
 * A filter as SQL over `traces t`. Values only ever travel as parameters.
 * @throws CairnError `bad_request` on a metadata path or a search that means nothing
 */
export function compileFilter(filter: Filter): Condition {
  const parts: string[] = []
  const params: (string | number | null)[] = []
  const add = (sql: string, ...values: (string | number | null)[]) => {
    parts.push(sql)
    params.push(...values)
  }
  const range = (
    column: string,
    bounds: { min?: number | undefined; max?: number | undefined } | undefined,
  ) => {
    if (bounds?.min !== undefined) add(`${column} >= ?`, bounds.min)
    if (bounds?.max !== undefined) add(`${column} <= ?`, bounds.max)
  }
  const known = (column: string, value: boolean | null | undefined) => {
    if (value === null) add(`${column} IS NULL`)
    else if (value !== undefined) add(`${column} = ?`, value ? 1 : 0)
  }

  if (filter.ids) add('t.id IN (SELECT value FROM json_each(?))', JSON.stringify(filter.ids))
  if (filter.except) add('t.id NOT IN (SELECT value FROM json_each(?))', JSON.stringify(filter.except))
  if (filter.sources) add('t.source_id IN (SELECT value FROM json_each(?))', JSON.stringify(filter.sources))
  if (filter.runs)
    add(
      't.run_id IN (SELECT id FROM runs WHERE name IN (SELECT value FROM json_each(?)))',
      JSON.stringify(filter.runs),
    )
  range('t.checkpoint', filter.checkpoint)
  range('t.reward', filter.reward)
  range('t.length', filter.length)
  range('t.tokens', filter.tokens)
  known('coalesce(t.correct, t.verified)', filter.correct)
  known('t.verified', filter.verified)
  if (filter.verdict !== undefined) add(VERDICT_IS[filter.verdict])
  if (filter.disagrees !== undefined) add(`t.verified ${filter.disagrees ? '!=' : '='} ${CLAIM}`)
  known('t.truncated', filter.truncated)
  for (const { behaviour, unit, min, max } of filter.behaviours ?? [])
    range(`t.${behaviour}_${unit}`, { min, max })
  for (const { behaviour, unit, min, max } of filter.own ?? [])
    add(
      `EXISTS (SELECT 1 FROM own_predictions o WHERE o.trace_id = t.id AND o.${unit} BETWEEN ? AND ? AND ${OF_BEHAVIOUR}
        AND EXISTS (SELECT 1 FROM own_behaviours b WHERE b.id = o.behaviour_id AND b.removed IS NULL))`,
      ...[min ?? 0, max ?? Number.MAX_SAFE_INTEGER, behaviour, behaviour],
    )
  if (filter.classified !== undefined) add(`t.model_id IS ${filter.classified ? 'NOT ' : ''}NULL`)
  if (filter.graph !== undefined && Object.keys(filter.graph).length > 0) {
    const conditions: string[] = []
    for (const [measure, bounds] of Object.entries(filter.graph)) {
      if (bounds.min !== undefined) conditions.push(`${measure} >= ?`)
      if (bounds.max !== undefined) conditions.push(`${measure} <= ?`)
    }
    const values = Object.values(filter.graph).flatMap(({ min, max }) => [min ?? [], max ?? []].flat())
    if (values.length > 0)
      add(`t.id IN (SELECT trace_id FROM graphs WHERE ${conditions.join(' AND ')})`, ...values)
  }
  if (filter.measured !== undefined)
    add(`t.id ${filter.measured ? '' : 'NOT '}IN (SELECT trace_id FROM graphs)`)
  if (filter.labelled !== undefined)
    add(`${filter.labelled ? '' : 'NOT '}(t.annotations > 0 OR ${OWN_LABELLED})`)
  for (const condition of filter.metadata ?? []) {
    const path = jsonPath(condition.path)
    const test = metadataTest(condition)
    add(
      `EXISTS (SELECT 1 FROM texts x WHERE x.trace_id = t.id AND ${test.sql})`,
      ...Array.from({ length: test.paths }, () => path),
      ...test.values,
    )
  }
  if (filter.search !== undefined) {
    const query = toFtsQuery(filter.search)
    add(
      `(t.id IN (SELECT rowid FROM responses_fts WHERE responses_fts MATCH ?)
        OR t.prompt_id IN (SELECT rowid FROM prompts_fts WHERE prompts_fts MATCH ?))`,
      query,
      query,
    )
  }
  return { sql: parts.length === 0 ? '1' : parts.join(' AND '), params }
}

/** Whether there are labels of the workspace's own behaviours. */
const OWN_LABELLED = `t.id IN (SELECT l.trace_id FROM own_labels l JOIN own_behaviours b ON b.id = l.behaviour_id
  WHERE b.removed IS NULL)`

const withOutcome = (outcome: string) =>
  `t.id IN (SELECT trace_id FROM verdicts WHERE outcome = '${outcome}')`

/** Countdown problems have their verdict from the import on, without a row of its own. */
const VERDICT_IS: Readonly<Record<NonNullable<Filter['verdict']>, string>> = {
  correct: 't.verified = 1',
  incorrect: `t.verified = 0 AND NOT ${withOutcome('no_answer')}`,
  no_answer: withOutcome('no_answer'),
  unknown: withOutcome('unknown'),
  unchecked: `t.verified IS NULL AND NOT ${withOutcome('unknown')}`,
}

/** What the file says; see `claimOf`. */
const CLAIM = 'coalesce(t.correct, CASE t.reward WHEN 1 THEN 1 WHEN 0 THEN 0 WHEN -1 THEN 0 END)'

const TYPE = 'json_type(x.metadata, ?)'
const VALUE = 'json_extract(x.metadata, ?)'

/**
 * A condition on one metadata value, in JSON's terms rather than SQLite's, where `false` equals 0 and
 * every text is greater than every number: values compare with their own kind only, and a trace
 * without the field meets no condition on it. `contains` also looks into lists and objects, as JSON text.
 * The path is bound `paths` times, before the values.
 * @throws CairnError `bad_request` without a value to compare with
 */
function metadataTest({ path, op, value }: MetadataCondition): {
  sql: string
  paths: number
  values: (string | number)[]
} {
  if (op === 'exists') return { sql: `${TYPE} IS NOT NULL`, paths: 1, values: [] }
  if (value === undefined)
    throw new CairnError('bad_request', `The condition on metadata "${path}" needs a value.`)
  if (op === 'contains') {
    const sql = `${TYPE} IN ('text', 'array', 'object') AND instr(${VALUE}, ?) > 0`
    return { sql, paths: 2, values: [String(value)] }
  }
  if (value === null || typeof value === 'boolean') {
    if (op === '=' || op === '!=') return { sql: `${TYPE} ${op} '${String(value)}'`, paths: 1, values: [] }
    throw new CairnError(
      'bad_request',
      `The condition on metadata "${path}" cannot order ${String(value)}: use = or !=, or compare with a number or text.`,
    )
  }
  const kinds = typeof value === 'number' ? `('integer', 'real')` : `('text')`
  if (op === '!=') return { sql: `(${TYPE} NOT IN ${kinds} OR ${VALUE} != ?)`, paths: 2, values: [value] }
  return { sql: `${TYPE} IN ${kinds} AND ${VALUE} ${op} ?`, paths: 2, values: [value] }
}

/**
 * `a.b[0].c` as SQLite's JSON path; keys are quoted, so that any character but a quote may occur.
 * @throws CairnError `bad_request`
 */
export function jsonPath(path: string): string {
  const out: string[] = ['$']
  for (const part of path.split('.')) {
    const match = /^([^[\]"]*)((?:\[\d+\])*)$/.exec(part)
    if (match === null || part === '')
      throw new CairnError(
        'bad_request',
        `"${path}" is no metadata path: write it like bucket.complexity or scores[0].`,
      )
    if (match[1] !== '') out.push(`."${match[1]}"`)
    out.push(match[2]!)
  }
  return out.join('')
}
