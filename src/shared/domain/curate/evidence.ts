import { BEHAVIOURS, type Behaviour } from '../behaviours.ts'
import { eachMarked } from '../evaluation/align.ts'
import { fromLabelledRow } from '../interchange/labelled.ts'
import { byAge } from '../last-word.ts'
import { segment } from '../segment/index.ts'
import type { Labels } from './recipe.ts'
import type { CurateTrace, LabelledStep, LabelSource, SpanLabel } from './types.ts'

/** What is known of the behaviours in a trace, by the recipe's own rule. */
export interface Evidence {
  readonly steps: readonly LabelledStep[]
  /** What the labels rest on; several where people labelled only a part. */
  readonly from: readonly LabelSource[]
}

/**
 * The steps of a trace and the behaviours they show: annotations first, predictions at or above the threshold second.
 * Labels that the file brings for all steps (labelled rows) leave nothing to predictions. A label belongs to the
 * steps it marks; where people disagree, the newest counts.
 */
export function evidenceOf(trace: CurateTrace, labels: Labels): Evidence {
  const own = labels.annotations === 'ignore' ? null : labelsOfFile(trace)
  const bounds = own?.bounds ?? trace.bounds ?? segment(trace.response)
  const people = labels.annotations === 'ignore' ? [] : trace.annotations
  const shown = new Uint8Array(bounds.length / 2)
  const complete = own !== null || (people.length > 0 && labels.annotated_traces === 'complete')
  const from: LabelSource[] = people.length > 0 ? ['people'] : []
  if (own !== null) {
    from.push('file')
    mark(shown, bounds, own.labels)
  } else if (!complete && labels.annotations !== 'only' && predict(shown, trace, bounds, labels)) {
    from.push('predictions')
  }
  mark(shown, bounds, people.toSorted(byAge))
  return {
    steps: Array.from(shown, (shows, at) => ({ start: bounds[at * 2]!, end: bounds[at * 2 + 1]!, shows })),
    from: from.length === 0 ? ['nothing'] : from,
  }
}

/** Whether a trace brings labels for all of its steps. */
export function hasOwnLabels({ metadata }: Pick<CurateTrace, 'metadata'>): boolean {
  const own = metadata['cairn_labels']
  return typeof own === 'object' && own !== null && 'steps' in own
}

/** How often each behaviour occurs, in the order of `BEHAVIOURS`. */
export function countShown(steps: readonly LabelledStep[], unit: 'steps' | 'episodes'): number[] {
  return BEHAVIOURS.map((_, at) => {
    let [count, inside] = [0, false]
    for (const { shows } of steps) {
      const now = (shows & (1 << at)) !== 0
      if (now && (unit === 'steps' || !inside)) count++
      inside = now
    }
    return count
  })
}

/** Behaviours that occur at all, as bits. */
export function shownAnywhere(steps: readonly LabelledStep[]): number {
  return steps.reduce((bits, { shows }) => bits | shows, 0)
}

/** Names of the behaviours that bits stand for. */
export function behavioursOf(bits: number): Behaviour[] {
  return BEHAVIOURS.filter((_, at) => (bits & (1 << at)) !== 0)
}

/** Bit of a behaviour. */
export function bitOf(behaviour: Behaviour): number {
  return 1 << BEHAVIOURS.indexOf(behaviour)
}

function labelsOfFile(trace: CurateTrace): { bounds: Uint32Array; labels: readonly SpanLabel[] } | null {
  if (!hasOwnLabels(trace)) return null
  const own = trace.metadata['cairn_labels'] as { readonly [key: string]: unknown }
  try {
    const { bounds, annotations } = fromLabelledRow({ annotations: [], ...own, text: trace.response })
    return bounds === null ? null : { bounds, labels: annotations }
  } catch {
    // Labels that do not fit the text say nothing about it.
    return null
  }
}

function mark(shown: Uint8Array, bounds: Uint32Array, labels: readonly SpanLabel[]): void {
  for (const label of labels) {
    const bit = bitOf(label.behaviour)
    eachMarked(bounds, label, (step) => {
      shown[step] = label.verdict === 'present' ? shown[step]! | bit : shown[step]! & ~bit
    })
  }
}

/** False where there is no prediction for these steps. */
function predict(
  shown: Uint8Array,
  { prediction, bounds: predicted }: CurateTrace,
  bounds: Uint32Array,
  { threshold }: Labels,
): boolean {
  if (prediction === null || predicted !== bounds) return false
  const { probabilities, thresholds } = prediction
  const width = BEHAVIOURS.length
  const least = BEHAVIOURS.map((name, at) => {
    const model = thresholds[at] ?? 0.5
    if (threshold === 'model') return model
    return typeof threshold === 'number' ? threshold : (threshold[name] ?? model)
  })
  for (let at = 0; at < shown.length * width; at++)
    if (probabilities[at]! >= least[at % width]!) shown[Math.floor(at / width)]! |= 1 << (at % width)
  return true
}
