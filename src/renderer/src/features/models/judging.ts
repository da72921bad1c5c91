import type { Annotation } from '#shared/contract/labels.ts'
import type { DifferingStep } from '#shared/contract/models.ts'
import { lastWordChange } from '#shared/domain/verdict-change.ts'
import type { AppContext } from '../../app/context.ts'

type Verdict = Annotation['verdict']

/** Labels steps on which models, or people, differ with what is true of them. */
export function createJudging({
  engine,
  outbox,
  session,
}: Pick<AppContext, 'engine' | 'outbox' | 'session'>) {
  let last: Promise<unknown> = Promise.resolve()

  async function labelsOf(traceId: number): Promise<readonly Annotation[]> {
    await outbox.settled()
    return engine.call('labels.list', { traceId })
  }

  async function send(difference: DifferingStep, verdict: Verdict, labels: readonly Annotation[]) {
    const { traceId, start, end, behaviour } = difference
    const { annotator } = session
    const change = lastWordChange(labels, { span: { start, end }, behaviour, annotator, verdict })
    const { add = [], update = [] } = change
    if (add.length + update.length === 0) return
    const unborn = add.map(() => outbox.unborn())
    await outbox.send('labels.apply', { traceId, annotator, ...change }, 'Label', unborn)
  }

  /**
   * Says of a step whether it shows the behaviour, as one's own label, which is the last word on it.
   * @throws CairnError what the engine answers
   */
  return function judge(difference: DifferingStep, verdict: Verdict): Promise<void> {
    // Nobody has said anything of it: no label could say otherwise, and this one is kept at once.
    if (difference.truth === null && !('said' in difference)) return send(difference, verdict, [])
    // One after another: each changes the label that the one before has made.
    const done = last
      .catch(() => undefined)
      .then(() => labelsOf(difference.traceId))
      .then((labels) => send(difference, verdict, labels))
    last = done
    return done
  }
}
