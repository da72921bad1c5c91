import type { agreement, LabelDifference } from '#shared/contract/agreement.ts'
import type { Handlers, Parsed } from '#shared/contract/contract.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import {
  createAnnotatorAgreement,
  isDisputed,
  type SaidOfTrace,
} from '#shared/domain/evaluation/annotators.ts'
import { UNKNOWN_LABEL } from '#shared/domain/evaluation/evaluate.ts'
import { judgedLabels } from '#shared/domain/evaluation/judged.ts'
import { passage } from '#shared/domain/evaluation/readable.ts'
import { lastWord } from '#shared/domain/last-word.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { CairnError } from '#shared/errors.ts'
import type { AnnotationStore } from '../db/annotations.ts'
import type { TraceStore } from '../db/traces.ts'
import { createBreath } from './breath.ts'
import { narrows, type Selections } from './selection.ts'

interface Deps {
  traces: TraceStore
  annotations: AnnotationStore
  selections: Selections
  /** Hears how many of the traces that several have labelled were looked at. */
  tell?: ((done: number, total: number) => void) | undefined
}
type Among = Parsed<typeof agreement, 'labels.agreement'>

const WIDTH = BEHAVIOURS.length
/** Traces between two words about how far one is. */
const TOLD = 20

/** How far people agree, and where they do not: one look at each trace that two of them have labelled. */
export function createAgreementReading({
  traces,
  annotations,
  selections,
  tell,
}: Deps): Handlers<typeof agreement> {
  const labelledBy = ({ filter }: Pick<Among, 'filter'>) => {
    const all = annotations.labelledBy()
    if (!narrows(filter)) return all
    const chosen = new Set(selections.ids(filter, { by: 'id', descending: false }))
    return all.filter(({ traceId }) => chosen.has(traceId))
  }

  /** Traces that at least two of the people have labelled, with what each of them says. */
  async function* shared(all: ReturnType<typeof labelledBy>, { annotators, judged }: Among) {
    const wanted = annotators === undefined ? null : new Set(annotators)
    const stranger = annotators?.find((name) => !all.some(({ annotator }) => annotator === name))
    if (stranger !== undefined)
      throw new CairnError('not_found', `${stranger} has labelled none of these traces.`, {
        annotator: stranger,
      })
    const chosen = all.filter(({ annotator }) => wanted?.has(annotator) !== false)
    const several = [...Map.groupBy(chosen, ({ traceId }) => traceId)].filter(
      ([, people]) => people.length > 1,
    )
    const breathe = createBreath()
    for (const [index, [traceId, people]] of several.entries()) {
      const trace = traces.get(traceId)
      if (trace === null) continue
      const bounds = trace.bounds ?? segment(trace.response)
      const labels = annotations.ofTrace(traceId)
      const saidBy = ({ annotator }: { annotator: string }) =>
        judgedLabels(
          bounds,
          labels.filter((one) => one.annotator === annotator),
          judged,
        )
      const said: SaidOfTrace = new Map(people.map((person) => [person.annotator, saidBy(person)]))
      yield { trace, bounds, labels, said, done: index + 1, total: several.length }
      await breathe()
    }
  }

  return {
    async 'labels.agreement'(input) {
      const all = labelledBy(input)
      const sums = createAnnotatorAgreement()
      for await (const { said, done, total } of shared(all, input)) {
        sums.add(said)
        if (done % TOLD === 0) tell?.(done, total)
      }
      return { people: peopleOf(all), ...(await sums.finish(createBreath())) }
    },

    async 'labels.differences'({ annotator, behaviour, limit, ...input }) {
      const open: LabelDifference[] = []
      const settled: LabelDifference[] = []
      for await (const { trace, bounds, labels, said } of shared(labelledBy(input), input)) {
        const { row, response } = trace
        for (let at = 0; at < (bounds.length / 2) * WIDTH; at++) {
          const which = BEHAVIOURS[at % WIDTH]!
          if ((behaviour !== undefined && which !== behaviour) || !isDisputed(said, at)) continue
          const step = Math.floor(at / WIDTH)
          const [start, end] = [bounds[step * 2]!, bounds[step * 2 + 1]!]
          const last = lastWord(labels, { start, end }, which)
          const mine = last !== null && last.annotator === annotator
          const list = mine ? settled : open
          if (list.length === limit) continue
          list.push({
            ...{ traceId: row.id, run: row.run, behaviour: which, start, end },
            ...passage(response, start, end),
            truth: mine ? last.verdict : null,
            said: sayingsAt(said, at),
            last: last && { annotator: last.annotator, verdict: last.verdict },
          })
        }
        if (open.length === limit) break
      }
      return [...open, ...settled].slice(0, limit)
    },
  }
}

/** What each of those who have judged a step says of it, by name. */
const sayingsAt = (said: SaidOfTrace, at: number): LabelDifference['said'] =>
  [...said]
    .filter(([, labels]) => labels[at] !== UNKNOWN_LABEL)
    .map(([annotator, labels]) => ({ annotator, verdict: labels[at] === 1 ? 'present' : 'absent' }) as const)
    .sort((a, b) => (a.annotator < b.annotator ? -1 : 1))

function peopleOf(all: ReturnType<AnnotationStore['labelledBy']>) {
  return [...Map.groupBy(all, ({ annotator }) => annotator)]
    .map(([annotator, own]) => ({
      annotator,
      traces: own.length,
      labels: own.reduce((sum, { labels }) => sum + labels, 0),
    }))
    .sort((a, b) => b.traces - a.traces || (a.annotator < b.annotator ? -1 : 1))
}
