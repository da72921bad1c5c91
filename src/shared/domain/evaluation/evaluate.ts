import { BEHAVIOURS, type Behaviour } from '../behaviours.ts'
import { countBehaviours } from '../counts.ts'
import { joined } from '../joined.ts'
import { interval } from './bootstrap.ts'
import { mean, spearman } from './correlation.ts'
import { confuse, f1Of, score, type Confusion, type Scores } from './scores.ts'

/** Label of a step of which nobody has said whether it shows the behaviour: it is left out. */
export const UNKNOWN_LABEL = 2

/** A labelled trace with what the model says of its steps. Both are steps × behaviours, row-major. */
export interface EvaluatedTrace {
  source: string
  /** Traces of one problem are drawn together when intervals are estimated. */
  problem: string
  /** 1 where the annotator sees the behaviour, 0 where not, `UNKNOWN_LABEL` where nobody has said. */
  labels: Uint8Array
  probabilities: Float32Array
}

export type ScoresWithInterval = Scores & { f1_interval: [number, number] | null }
export type BehaviourScores = Record<Behaviour, ScoresWithInterval>

/** How far predicted counts lie from labelled ones, per trace and for the means of sources. */
export interface CountError {
  /** Mean absolute error of a trace's count. */
  mae: number | null
  /** Spearman's ρ of predicted and labelled counts over traces. */
  spearman: number | null
  mean_labelled: number | null
  mean_predicted: number | null
  /** Mean absolute error of the sources' mean counts. */
  source_mae: number | null
}

export interface Evaluation {
  traces: number
  steps: number
  behaviours: BehaviourScores
  sources: Record<string, BehaviourScores>
  /** Countdown traces are easy: this is everything else; null when that is nothing or everything. */
  prose: BehaviourScores | null
  counts: Record<Behaviour, { steps: CountError; episodes: CountError }>
}

/** Traces whose source is named so are Countdown's. */
const COUNTDOWN = /countdown/i

/**
 * Scores a model's predictions against labels.
 * @param thresholds one per behaviour, at or above which a step counts as predicted
 */
export function evaluate(traces: readonly EvaluatedTrace[], thresholds: readonly number[]): Evaluation {
  const sources = Map.groupBy(traces, ({ source }) => source)
  const prose = traces.filter(({ source }) => !COUNTDOWN.test(source))
  return {
    traces: traces.length,
    steps: traces.reduce((sum, { labels }) => sum + labels.length / BEHAVIOURS.length, 0),
    behaviours: scoresOf(traces, thresholds),
    sources: Object.fromEntries(
      [...sources]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, own]) => [name, scoresOf(own, thresholds)]),
    ),
    prose: prose.length === 0 || prose.length === traces.length ? null : scoresOf(prose, thresholds),
    counts: countErrors(
      traces.filter(whole),
      [...sources.values()].map((own) => own.filter(whole)).filter((own) => own.length > 0),
      thresholds,
    ),
  }
}

function scoresOf(traces: readonly EvaluatedTrace[], thresholds: readonly number[]): BehaviourScores {
  return perBehaviour((column) => {
    const threshold = thresholds[column]!
    const columns = traces.map(({ labels, probabilities }) =>
      judged(columnOf(labels, column, Uint8Array), columnOf(probabilities, column, Float32Array)),
    )
    const problems = Map.groupBy(traces.keys(), (index) => traces[index]!.problem)
    const groups = [...problems.values()].map((indices) =>
      sum(indices.map((index) => confuse(columns[index]!.labels, columns[index]!.probabilities, threshold))),
    )
    return {
      ...score(
        joined(
          Uint8Array,
          columns.map(({ labels }) => labels),
        ),
        joined(
          Float32Array,
          columns.map(({ probabilities }) => probabilities),
        ),
        threshold,
      ),
      f1_interval: interval(groups, ([hits, extra, missed]) =>
        f1Of({ hits: hits!, extra: extra!, missed: missed! }),
      ),
    }
  })
}

/** The steps of which somebody has said whether they show a behaviour. */
export function judged(
  labels: Uint8Array,
  probabilities: Float32Array,
): { labels: Uint8Array; probabilities: Float32Array } {
  if (!labels.includes(UNKNOWN_LABEL)) return { labels, probabilities }
  const known = (_: number, step: number) => labels[step] !== UNKNOWN_LABEL
  return { labels: labels.filter(known), probabilities: probabilities.filter(known) }
}

function countErrors(
  traces: readonly EvaluatedTrace[],
  sources: readonly (readonly EvaluatedTrace[])[],
  thresholds: readonly number[],
): Evaluation['counts'] {
  const certain = BEHAVIOURS.map(() => 1)
  const counted = new Map(
    traces.map((trace) => [
      trace,
      {
        labelled: countBehaviours(Float32Array.from(trace.labels), certain),
        predicted: countBehaviours(trace.probabilities, thresholds),
      },
    ]),
  )
  return perBehaviour((column) => {
    const errorsIn = (unit: 'steps' | 'episodes'): CountError => {
      const of = (own: readonly EvaluatedTrace[], who: 'labelled' | 'predicted') =>
        own.map((trace) => counted.get(trace)![who][unit][column]!)
      const [labelled, predicted] = [of(traces, 'labelled'), of(traces, 'predicted')]
      const apart = (a: readonly number[], b: readonly number[]) =>
        orNull(mean(a.map((value, index) => Math.abs(value - b[index]!))))
      return {
        mae: apart(labelled, predicted),
        spearman: spearman(labelled, predicted),
        mean_labelled: orNull(mean(labelled)),
        mean_predicted: orNull(mean(predicted)),
        source_mae: apart(
          sources.map((own) => mean(of(own, 'labelled'))),
          sources.map((own) => mean(of(own, 'predicted'))),
        ),
      }
    }
    return { steps: errorsIn('steps'), episodes: errorsIn('episodes') }
  })
}

function perBehaviour<T>(make: (column: number) => T): Record<Behaviour, T> {
  return Object.fromEntries(BEHAVIOURS.map((behaviour, column) => [behaviour, make(column)])) as Record<
    Behaviour,
    T
  >
}

/** Hits, extra and missed steps of several. */
function sum(parts: readonly Confusion[]): Float64Array {
  const all = new Float64Array(3)
  for (const { hits, extra, missed } of parts)
    [hits, extra, missed].forEach((count, at) => (all[at]! += count))
  return all
}

interface Column<T> {
  new (length: number): T
}

function columnOf<T extends Uint8Array | Float32Array>(matrix: T, column: number, Kind: Column<T>): T {
  const values = new Kind(matrix.length / BEHAVIOURS.length)
  for (let step = 0; step < values.length; step++) values[step] = matrix[step * BEHAVIOURS.length + column]!
  return values
}

/** Behaviours of a trace can be counted only where every step is judged. */
const whole = ({ labels }: EvaluatedTrace): boolean => !labels.includes(UNKNOWN_LABEL)

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value)
