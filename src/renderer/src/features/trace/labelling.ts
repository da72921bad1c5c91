import type { Annotation } from '#shared/contract/labels.ts'
import { LOOK_OF } from '../../ui/behaviours.ts'
import type { Behaviour } from '#shared/domain/behaviours.ts'
import type { Span } from '#shared/domain/trace.ts'
import type { AppContext } from '../../app/context.ts'
import { traceHref } from '../../app/route.ts'
import type { Trace } from './trace.svelte.ts'

const TOAST = 'label'

/** What a person does to the labels of a trace, each with its word and its way back. */
export function createLabelling(
  { engine, session, toasts, router }: AppContext,
  trace: () => Trace,
  /** The selected span, or the step that the cursor is on; null when there is neither. */
  target: () => Span | null,
) {
  const tell = (text: string) =>
    toasts.show(text, { key: TOAST, action: { label: 'Undo', run: () => void undo() } })
  const attempt = async (work: () => Promise<unknown>) => {
    try {
      await work()
    } catch (thrown) {
      toasts.fail(thrown)
    }
  }
  const namesOf = (behaviours: readonly Behaviour[]) => behaviours.map((id) => LOOK_OF[id].name).join(', ')

  async function travel(method: 'history.undo' | 'history.redo') {
    const undoing = method === 'history.undo'
    await attempt(async () => {
      const entry = await engine.call(method, {})
      if (entry === null)
        return toasts.show(`There is nothing to ${undoing ? 'undo' : 'do again'}.`, { key: TOAST })
      const elsewhere = entry.traceId !== null && entry.traceId !== trace().id
      toasts.show(`${undoing ? 'Undone' : 'Done again'}: ${entry.title}`, {
        key: TOAST,
        action: elsewhere
          ? { label: 'Show trace', run: () => router.go(traceHref(entry.traceId!, '')) }
          : undoing
            ? { label: 'Redo', run: () => void redo() }
            : { label: 'Undo', run: () => void undo() },
      })
    })
  }
  const undo = () => travel('history.undo')
  const redo = () => travel('history.redo')

  return {
    undo,
    redo,

    /** Labels the target, or takes the person's own label off it. */
    toggle: (behaviour: Behaviour) =>
      attempt(async () => {
        const span = target()
        if (span === null)
          return toasts.show('Select some text first: this trace has no steps yet.', { key: TOAST })
        const { labels } = trace()
        const own = labels.find(span, behaviour, session.annotator)
        if (own?.verdict === 'present') {
          tell(`Removed ${LOOK_OF[behaviour].name}`)
          await labels.remove(own)
        } else {
          tell(`Labelled ${LOOK_OF[behaviour].name}`)
          await labels.set(span, behaviour, 'present', session.annotator)
        }
      }),

    /** Says of every prediction on the step that it is right, or that it is not. */
    judge: (verdict: Annotation['verdict']) =>
      attempt(async () => {
        const { cursor, labels, steps } = trace()
        if (steps === 0) return
        const predicted = verdict === 'present' ? trace().open(cursor) : trace().predicted(cursor)
        if (predicted.length === 0)
          return toasts.show(
            trace().predicted(cursor).length > 0
              ? 'The predictions here are judged.'
              : 'Nothing is predicted here.',
            { key: TOAST },
          )
        tell(`${verdict === 'present' ? 'Accepted' : 'Rejected'} ${namesOf(predicted)}`)
        const span = trace().spanOf(cursor)
        await Promise.all(
          predicted.map((behaviour) => labels.set(span, behaviour, verdict, session.annotator)),
        )
      }),

    remove: (annotation: Annotation) =>
      attempt(async () => {
        tell(`Removed ${LOOK_OF[annotation.behaviour].name}`)
        await trace().labels.remove(annotation)
      }),

    note: (annotation: Annotation, note: string) =>
      attempt(() => trace().labels.update(annotation, { note })),
  }
}

export type Labelling = ReturnType<typeof createLabelling>
