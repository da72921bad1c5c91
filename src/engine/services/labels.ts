import type { ApiHandlers, ApiOutput } from '#shared/contract/index.ts'
import type { Annotation } from '#shared/contract/labels.ts'
import { saysAnew } from '#shared/domain/last-said.ts'
import { CairnError } from '#shared/errors.ts'
import type { Clock } from '../clock.ts'
import type { AnnotationStore } from '../db/annotations.ts'
import type { Change } from '../db/history.ts'
import type { FullTrace, TraceStore } from '../db/traces.ts'
import type { History } from './history.ts'
import { requireSpan } from './require-span.ts'

interface Deps {
  traces: TraceStore
  annotations: AnnotationStore
  history: History
  clock: Clock
}

type LabelHandlers = Pick<
  ApiHandlers,
  'labels.list' | 'labels.add' | 'labels.update' | 'labels.remove' | 'labels.apply'
>
type Parsed = Parameters<LabelHandlers['labels.apply']>[0]

/** A label added or changed, and what to remember of it. */
interface Done {
  readonly result: Annotation
  /** Whether somebody says something by it that they did not say before. */
  readonly says: boolean
  readonly changes: Change[]
}

/** People's labels on the traces; every change goes through the history. */
export function createLabels({ traces, annotations, history, clock }: Deps): LabelHandlers {
  const requireTrace = (id: number): FullTrace => {
    const trace = traces.get(id)
    if (trace === null) throw new CairnError('not_found', `There is no trace ${id}.`, { id })
    return trace
  }
  const requireAnnotation = (id: number): Annotation => {
    const annotation = annotations.get(id)
    if (annotation === null)
      throw new CairnError('not_found', `There is no annotation ${id}: it was removed.`, { id })
    return annotation
  }

  const add = (trace: FullTrace, annotator: string, given: Parsed['add'][number]): Done => {
    const { span, behaviour, verdict, target, note } = given
    requireSpan(span, trace)
    if (target !== null) requireSpan(target, trace, 'target')
    const { annotation, added } = annotations.add({
      traceId: trace.row.id,
      start: span.start,
      end: span.end,
      behaviour,
      verdict,
      annotator,
      at: clock.now(),
      textHash: trace.textHash,
      target,
      note,
    })
    return {
      result: annotation,
      says: true,
      changes: added ? [{ kind: 'annotation', before: null, after: annotation }] : [],
    }
  }

  const update = (trace: FullTrace, { id, span, ...given }: Parsed['update'][number]): Done => {
    const before = requireAnnotation(id)
    if (before.traceId !== trace.row.id)
      throw new CairnError(
        'bad_request',
        `Annotation ${id} is on trace ${before.traceId}, not on ${trace.row.id}.`,
        { id, traceId: trace.row.id },
      )
    const changed = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    const after: Annotation = { ...before, ...span, ...changed }
    if (span !== undefined) requireSpan(span, trace)
    if (given.target) requireSpan(given.target, trace, 'target')
    if (JSON.stringify(after) === JSON.stringify(before)) return { result: before, says: false, changes: [] }
    const says = saysAnew(before, after)
    const twin = annotations.twin(after)
    if (twin !== null) {
      annotations.remove(id)
      return { result: twin, says, changes: [{ kind: 'annotation', before, after: null }] }
    }
    // What is said anew is said now: the newest of a step counts, and a file may say otherwise of it, earlier or later.
    const told = says ? { ...after, at: clock.now() } : after
    annotations.put(told)
    return { result: told, says, changes: [{ kind: 'annotation', before, after: told }] }
  }

  /** The last word counts: a person's labels that say otherwise of the same span go. */
  const settle = (done: readonly Done[]) =>
    annotations
      .settle(done.flatMap(({ result, says }) => (says ? [result.id] : [])))
      .map((before) => ({ kind: 'annotation' as const, before, after: null }))

  const remove = (trace: FullTrace, id: number): Change[] => {
    const before = annotations.get(id)
    if (before === null || before.traceId !== trace.row.id) return []
    annotations.remove(id)
    return [{ kind: 'annotation', before, after: null }]
  }

  const apply = (input: Parsed): ApiOutput<'labels.apply'> => {
    const { traceId, annotator, token, join, textHash } = input
    const trace = requireTrace(traceId)
    if (textHash !== undefined && textHash !== trace.textHash)
      throw new CairnError(
        'conflict',
        `The labels were made on another text than that of trace ${traceId}. Nothing was changed.`,
        { traceId },
      )
    return history.perform({ traceId, annotator, token, join }, () => {
      const removed = input.remove.map((id) => remove(trace, id))
      const updated = input.update.map((given) => update(trace, given))
      const added = input.add.map((given) => add(trace, annotator, given))
      const done = [...updated, ...added]
      const replaced = settle(done)
      return {
        result: {
          added: added.map(({ result }) => result),
          updated: updated.map(({ result }) => result),
          removed: [
            ...input.remove.filter((_, index) => removed[index]!.length > 0),
            ...replaced.map(({ before }) => before.id),
          ],
        },
        changes: [...removed.flat(), ...done.flatMap(({ changes }) => changes), ...replaced],
      }
    })
  }

  return {
    'labels.list': ({ traceId }) => annotations.ofTrace(traceId),
    'labels.apply': apply,
    'labels.add'({ traceId, annotator, token, ...given }) {
      const change = { traceId, annotator, token, add: [given], update: [], remove: [], join: false }
      return apply(change).added[0]!
    },
    'labels.update'(given) {
      const trace = requireTrace(requireAnnotation(given.id).traceId)
      return history.perform({ traceId: trace.row.id, annotator: null }, () => {
        const done = update(trace, given)
        return { result: done.result, changes: [...done.changes, ...settle([done])] }
      })
    },
    'labels.remove'({ id }) {
      const before = annotations.get(id)
      if (before === null) return { removed: false }
      const trace = requireTrace(before.traceId)
      return history.perform({ traceId: before.traceId, annotator: null }, () => ({
        result: { removed: true },
        changes: remove(trace, id),
      }))
    },
  }
}
