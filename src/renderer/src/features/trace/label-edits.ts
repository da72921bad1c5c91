import type { ApiInput } from '#shared/contract/index.ts'
import type { Annotation } from '#shared/contract/labels.ts'
import type { LabelChange as Told } from '#shared/domain/change-words.ts'
import { saysAnew } from '#shared/domain/last-said.ts'

/** A change shown before the engine has confirmed it. */
export interface Edit {
  readonly put: readonly Annotation[]
  readonly drop: readonly number[]
  /** Each label before and after, to tell of it. */
  readonly changes: readonly Told[]
}

type Input = Pick<ApiInput<'labels.apply'>, 'add' | 'update' | 'remove'>

/** What a change makes of the labels; `ids` stand for those it adds. Labels that are gone are left out. */
export function edited(
  all: readonly Annotation[],
  { add = [], update = [], remove = [] }: Input,
  ids: readonly number[],
  { traceId, annotator, textHash }: Pick<Annotation, 'traceId' | 'annotator' | 'textHash'>,
): Edit {
  const known = new Map(all.map((one) => [one.id, one]))
  const at = new Date().toISOString()
  const removed = remove.flatMap((id) => known.get(id) ?? [])
  const updated = update.flatMap(({ id, span, ...given }) => {
    const before = known.get(id)
    if (before === undefined) return []
    const changed = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    const after = { ...before, ...span, ...changed }
    // As the engine does: what is said anew is said now, and the newest counts.
    return [{ before, after: saysAnew(before, after) ? { ...after, at } : after }]
  })
  const added = add.map(({ span, behaviour, verdict = 'present', target = null, note = '' }, index) => ({
    id: ids[index]!,
    traceId,
    ...{ start: span.start, end: span.end },
    ...{ behaviour, verdict, annotator, textHash, target, note },
    at,
  }))
  return {
    put: [...updated.map(({ after }) => after), ...added],
    drop: removed.map(({ id }) => id),
    changes: [
      ...removed.map((before) => ({ before, after: null })),
      ...updated,
      ...added.map((after) => ({ before: null, after })),
    ],
  }
}

/** The labels as the edits that are under way leave them, in the order of the text. */
export function shown(stored: readonly Annotation[], edits: readonly Edit[]): readonly Annotation[] {
  return edits.reduce<readonly Annotation[]>((all, { put, drop }) => withEdits(all, put, drop), stored)
}

/** Labels without some and with others, in the order of the text. */
export function withEdits(
  all: readonly Annotation[],
  put: readonly Annotation[],
  drop: readonly number[],
): readonly Annotation[] {
  if (put.length === 0 && drop.length === 0) return all
  const gone = new Set([...drop, ...put.map(({ id }) => id)])
  return [...all.filter(({ id }) => !gone.has(id)), ...put].sort(
    (a, b) => a.start - b.start || a.end - b.end || a.id - b.id,
  )
}
