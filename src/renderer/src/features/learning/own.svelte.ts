import { untrack } from 'svelte'
import type { OwnBehaviour, OwnLabel, OwnPrediction } from '#shared/contract/own.ts'
import { countOne } from '#shared/domain/counts.ts'
import { marks } from '#shared/domain/evaluation/align.ts'
import type { InterchangeOwn } from '#shared/domain/interchange/types.ts'
import type { Span } from '#shared/domain/trace.ts'
import type { AppContext } from '../../app/context.ts'

type App = Pick<AppContext, 'engine' | 'session' | 'toasts'>
export type OwnVoice = 'person' | 'denied' | 'model' | null

/** Behaviours of the workspace's own, and what is known of them in one trace. */
export class OwnTrace {
  behaviours = $state.raw<readonly OwnBehaviour[]>([])
  labels = $state.raw<readonly OwnLabel[]>([])
  predictions = $state.raw<readonly OwnPrediction[]>([])

  readonly #app: App
  readonly #traceId: number

  constructor(app: App, traceId: number) {
    this.#app = app
    this.#traceId = traceId
    // Their keys work at once: the list is read anew beside the sums of the engine, which may take a while.
    this.behaviours = untrack(() => app.session.own) ?? []
  }

  async read(): Promise<void> {
    const { engine } = this.#app
    const behaviours = engine.call('own.list', {}).then((list) => (this.behaviours = list))
    const ofTrace = engine.call('own.trace', { traceId: this.#traceId }).then(({ labels, predictions }) => {
      this.labels = labels
      this.predictions = predictions
    })
    await Promise.all([behaviours, ofTrace])
  }

  /** The probability that a step shows a behaviour; null where its head has not looked. */
  probability(behaviour: number, step: number): number | null {
    return this.predictions.find((one) => one.behaviour === behaviour)?.probabilities[step] ?? null
  }

  /** How often a head finds its behaviour in the trace; undefined where it has not looked. */
  countsOf(behaviour: number): { steps: number; episodes: number } | undefined {
    const said = this.predictions.find((one) => one.behaviour === behaviour)
    return said && countOne(said.probabilities, said.threshold)
  }

  /** Who says what of a behaviour on a step that stands at a span. */
  voice(behaviour: number, step: number, span: Span): OwnVoice {
    return this.#voices(behaviour)(step, span)
  }

  /** Behaviours that are found in a trace whose steps stand at `bounds`: who says so of each step. */
  shownOf(bounds: Uint32Array): { id: number; name: string; voices: OwnVoice[] }[] {
    return this.behaviours.flatMap(({ id, name }) => {
      if (!this.labels.some(({ behaviour }) => behaviour === id) && !this.countsOf(id)?.steps) return []
      const voice = this.#voices(id)
      const at = (step: number) => ({ start: bounds[step * 2]!, end: bounds[step * 2 + 1]! })
      return [
        { id, name, voices: Array.from({ length: bounds.length / 2 }, (_, step) => voice(step, at(step))) },
      ]
    })
  }

  /** Picks what is known of a behaviour once, for any number of steps. */
  #voices(behaviour: number): (step: number, span: Span) => OwnVoice {
    const labels = this.labels.filter((one) => one.behaviour === behaviour)
    const prediction = this.predictions.find((one) => one.behaviour === behaviour)
    return (step, span) => {
      const here = labels.filter((one) => marks(one, span))
      if (here.some(({ verdict }) => verdict === 'present')) return 'person'
      if (here.length > 0) return 'denied'
      const probability = prediction?.probabilities[step]
      return probability !== undefined && probability >= prediction!.threshold ? 'model' : null
    }
  }

  /** Labels a span, takes one's label of it off again, or rejects what is predicted there. */
  async toggle(behaviour: number, span: Span, verdict: 'present' | 'absent'): Promise<void> {
    const { engine, session, toasts } = this.#app
    const { annotator } = session
    const own = this.labels.find(
      (one) =>
        one.behaviour === behaviour &&
        one.start === span.start &&
        one.end === span.end &&
        one.annotator === annotator,
    )
    const wanted = own?.verdict === verdict ? null : verdict
    try {
      const input = { traceId: this.#traceId, behaviour, span, annotator, verdict: wanted }
      this.labels = await engine.call('own.label', input)
      this.behaviours = await engine.call('own.list', {})
    } catch (thrown) {
      toasts.fail(thrown)
    }
  }

  async create(name: string): Promise<void> {
    const { engine, session, toasts } = this.#app
    try {
      await engine.call('own.create', { name, annotator: session.annotator })
      await this.read()
    } catch (thrown) {
      toasts.fail(thrown)
    }
  }

  /** Removes a behaviour with its labels and its head; the message that tells of it puts all of it back. */
  async remove({ id, name }: OwnBehaviour): Promise<void> {
    const { engine, session, toasts } = this.#app
    const putBack = () =>
      void engine
        .call('own.restore', { behaviour: id, annotator: session.annotator })
        .then(() => this.read())
        .catch((thrown: unknown) => toasts.fail(thrown))
    try {
      await engine.call('own.remove', { behaviour: id, annotator: session.annotator })
      await this.read()
      toasts.show(`Removed “${name}” with its labels.`, { action: { label: 'Undo', run: putBack } })
    } catch (thrown) {
      toasts.fail(thrown)
    }
  }

  /** What people and heads say of the trace, behaviours by their names. */
  told(): InterchangeOwn {
    const known = new Map(this.behaviours.map((one) => [one.id, one]))
    return {
      labels: this.labels.flatMap(({ behaviour, ...label }) => {
        const name = known.get(behaviour)?.name
        return name === undefined ? [] : [{ ...label, behaviour: name, at: null }]
      }),
      predictions: this.predictions.flatMap(({ behaviour, ...said }) => {
        const of = known.get(behaviour)
        if (of === undefined) return []
        const { model = '', modelVersion = '' } = of.head ?? {}
        const counts = countOne(said.probabilities, said.threshold)
        return [{ ...said, behaviour: of.name, model, modelVersion, ...counts }]
      }),
    }
  }

  /** Trains a head, says how good it is, and has it look at every trace. */
  async train(behaviour: number): Promise<void> {
    const { engine, session, toasts } = this.#app
    try {
      const job = await engine.call('own.train', { behaviour })
      session.follow(job)
      const { state, error } = await engine.call('jobs.wait', { id: job.id })
      if (state === 'failed') throw new Error(error?.message)
      if (state !== 'done') return
      await this.read()
      const found = await engine.call('own.classify', { behaviour })
      session.follow(found)
      const looked = await engine.call('jobs.wait', { id: found.id })
      if (looked.state === 'failed') throw new Error(looked.error?.message)
      await this.read()
    } catch (thrown) {
      toasts.fail(thrown)
    }
  }
}
