import type { Annotation } from '#shared/contract/labels.ts'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import { marks } from '#shared/domain/evaluation/align.ts'
import type { Span } from '#shared/domain/trace.ts'
import { verdictChange } from '#shared/domain/verdict-change.ts'
import { CairnError } from '#shared/errors.ts'
import type { AppContext } from '../../app/context.ts'
import { LOOK_OF } from '../../ui/behaviours.ts'
import type { LabelChange } from './labels.svelte.ts'
import { moveEdge, type Edge, type Unit } from './span-edit.ts'
import { createTimeTravel, LABEL_TOAST } from './time-travel.ts'
import type { Trace } from './trace.svelte.ts'

/** Moves of an edge within this time are one change. */
const JOIN_MS = 2_000

/** What a person does to the labels of a trace, each with its word and its way back. */
export function createLabelling(
  app: AppContext,
  trace: () => Trace,
  /** The text that is selected, or null. */
  selected: () => Span | null,
) {
  const { session, toasts } = app
  const travel = createTimeTravel(app, trace)
  let moved = { id: 0, at: -Infinity }

  const hint = (text: string) => toasts.show(text, { key: LABEL_TOAST })
  const tell = (text: string) =>
    toasts.show(text, { key: LABEL_TOAST, action: { label: 'Undo', run: () => void travel.undo() } })
  const namesOf = (behaviours: readonly Behaviour[]) =>
    [...new Set(behaviours)].map((id) => LOOK_OF[id].name).join(', ')

  /** Changes labels; answers the ids of those added. */
  function apply(change: LabelChange): readonly number[] {
    const { labels, detail } = trace()
    const { ids, done } = labels.apply(change, session.annotator, detail!.textHash)
    done.catch((thrown: unknown) => {
      if (!(thrown instanceof CairnError && thrown.code === 'cancelled')) toasts.fail(thrown)
    })
    return ids
  }

  /** What it takes for one's own label of exactly this span to have a verdict. */
  const verdictOn = (span: Span, behaviour: Behaviour, verdict: Annotation['verdict']): LabelChange =>
    verdictChange(trace().labels.all, { span, behaviour, annotator: session.annotator, verdict })

  const stepsInRange = () => {
    const { range, steps } = trace()
    return steps === 0 ? [] : Array.from({ length: range.last - range.first + 1 }, (_, i) => range.first + i)
  }

  /** One's own label that a behaviour's key takes off again. */
  function toTakeOff(behaviour: Behaviour, span: Span): Annotation | null {
    const { focused, anchor, labels } = trace()
    const exact = labels.find(span, behaviour, session.annotator)
    if (exact?.verdict === 'present') return exact
    if (selected() !== null || anchor !== null || focused === null) return null
    return focused.behaviour === behaviour && focused.annotator === session.annotator ? focused : null
  }

  function resize(annotation: Annotation, span: Span) {
    // The engine may have named the label since.
    const same = trace().labels.get(moved.id)?.id === annotation.id
    const join = same && performance.now() - moved.at < JOIN_MS
    moved = { id: annotation.id, at: performance.now() }
    trace().choose(annotation.id)
    apply({ update: [{ id: annotation.id, span }], join })
  }

  return {
    ...travel,

    /** Labels what is selected, the range of steps or the step; takes one's own label off again. */
    toggle(behaviour: Behaviour) {
      const span = selected() ?? (trace().steps > 0 ? trace().rangeSpan() : null)
      if (span === null) return hint('Select some text first: this trace has no steps yet.')
      const own = toTakeOff(behaviour, span)
      if (own !== null) {
        apply({ remove: [own.id] })
        trace().choose(null)
        return tell(`Removed ${LOOK_OF[behaviour].name}`)
      }
      const change = verdictOn(span, behaviour, 'present')
      const [id] = apply(change)
      trace().choose(id ?? change.update?.[0]?.id ?? null)
      tell(`Labelled ${LOOK_OF[behaviour].name}`)
    },

    /** Says of every prediction on the step, or on the range of steps, that it is right or that it is not. */
    judge(verdict: Annotation['verdict']) {
      const judged = stepsInRange().flatMap((step) =>
        (verdict === 'present' ? trace().open(step) : trace().predicted(step)).map((behaviour) => ({
          behaviour,
          change: verdictOn(trace().spanOf(step), behaviour, verdict),
        })),
      )
      const change = together(judged.map((one) => one.change))
      if (isEmpty(change))
        return hint(
          stepsInRange().some((step) => trace().predicted(step).length > 0)
            ? 'The predictions here are judged.'
            : 'Nothing is predicted here.',
        )
      apply(change)
      tell(
        `${verdict === 'present' ? 'Accepted' : 'Rejected'} ${namesOf(judged.map((one) => one.behaviour))}`,
      )
    },

    /** Says of a span that it shows none of the behaviours, and so judges it for all. */
    none({ start, end }: Span) {
      const span = { start, end }
      const change = together(BEHAVIOURS.map((behaviour) => verdictOn(span, behaviour, 'absent')))
      if (isEmpty(change)) return
      const [id] = apply(change)
      trace().choose(id ?? change.update?.[0]?.id ?? null)
    },

    /**
     * Says of a span that what one has labelled on it is all that it shows, and so judges it for all behaviours; nothing
     * where one has labelled nothing there.
     */
    settle({ start, end }: Span) {
      const span = { start, end }
      const own = trace().labels.all.filter((one) => one.annotator === session.annotator && marks(one, span))
      if (!own.some(({ verdict }) => verdict === 'present')) return
      const open = BEHAVIOURS.filter((id) => !own.some(({ behaviour }) => behaviour === id))
      const change = together(open.map((behaviour) => verdictOn(span, behaviour, 'absent')))
      if (!isEmpty(change)) apply(change)
    },

    /** It is this behaviour and not what is predicted: rejects the other predictions and labels this one. */
    correct(behaviour: Behaviour) {
      const steps = stepsInRange()
      if (steps.length === 0) return hint('There are no steps yet: classify the trace first.')
      const rejected = steps.map((step) =>
        trace()
          .predicted(step)
          .filter((one) => one !== behaviour),
      )
      const change = together([
        ...steps.flatMap((step, index) =>
          rejected[index]!.map((one) => verdictOn(trace().spanOf(step), one, 'absent')),
        ),
        ...steps.map((step) => verdictOn(trace().spanOf(step), behaviour, 'present')),
      ])
      if (isEmpty(change)) return hint('It is labelled so already.')
      trace().choose(apply(change).at(-1) ?? null)
      const others = namesOf(rejected.flat())
      tell(`Labelled ${LOOK_OF[behaviour].name}${others === '' ? '' : `, rejected ${others}`}`)
    },

    /** Moves an edge of the focused label. */
    adjust(edge: Edge, unit: Unit, direction: 1 | -1) {
      const { focused, detail, bounds } = trace()
      if (focused === null) return hint('There is no label on this step.')
      const span = moveEdge(detail!.response, bounds, focused, edge, unit, direction)
      if (span === null) return hint('The label cannot be made any smaller or larger there.')
      resize(focused, span)
    },

    resize,

    /** Chooses the next of the labels on the step. */
    cycle() {
      const { here, focused } = trace()
      if (here.length === 0) return hint('There is no label on this step.')
      const at = here.findIndex(({ id }) => id === focused?.id)
      trace().choose(here[(at + 1) % here.length]!.id)
    },

    aim(annotation: Annotation, target: Annotation['target']) {
      apply({ update: [{ id: annotation.id, target }] })
      trace().choose(annotation.id)
      tell(target === null ? 'Cleared the target' : 'Set the target')
    },

    remove(annotation: Annotation) {
      apply({ remove: [annotation.id] })
      tell(`Removed ${LOOK_OF[annotation.behaviour].name}`)
    },

    note: (annotation: Annotation, note: string) => void apply({ update: [{ id: annotation.id, note }] }),
  }
}

export type Labelling = ReturnType<typeof createLabelling>

function together(changes: readonly LabelChange[]): LabelChange {
  return {
    add: changes.flatMap(({ add = [] }) => add),
    update: changes.flatMap(({ update = [] }) => update),
  }
}

const isEmpty = ({ add = [], update = [] }: LabelChange) => add.length + update.length === 0
