import { BEHAVIOURS, BEHAVIOUR_STYLE } from '#shared/domain/behaviours.ts'
import { countOne } from '#shared/domain/counts.ts'
import { toInterchange } from '#shared/domain/interchange/write.ts'
import type { InterchangeOwn } from '#shared/domain/interchange/types.ts'
import type { Annotation } from '#shared/contract/labels.ts'
import type { Span } from '#shared/domain/trace.ts'
import type { Detail } from './trace.svelte.ts'

export type CopyFormat = 'text' | 'markdown' | 'json'

/** What is copied: a trace with its labels, and the thresholds at which predictions count. */
export interface Copied {
  readonly detail: Detail
  readonly labels: readonly Annotation[]
  readonly thresholds: readonly number[]
  /** Behaviours of the workspace's own. */
  readonly own: InterchangeOwn
}

/**
 * A trace, or a span of its response (UTF-16), for the clipboard. `text` is the response as it is in
 * the file; `markdown` is for people: prompt, and each step with what people and the model say;
 * `json` is for programs: a row of the `cairn.annotations` format with offsets in code points. JSON of
 * a span holds the span as its text, with the steps and labels that lie in it, and where it was cut.
 */
export function copyAs(format: CopyFormat, trace: Copied, span: Span | null): string {
  const { response } = trace.detail
  if (format === 'text') return span === null ? response : response.slice(span.start, span.end)
  return format === 'markdown' ? markdown(trace, span) : json(trace, span)
}

function markdown({ detail, labels, thresholds, own }: Copied, span: Span | null): string {
  const { row, response, bounds, prediction, reference } = detail
  const from = span?.start ?? 0
  const to = span?.end ?? response.length
  const name = row.key ?? `No. ${row.id}`
  const facts = [
    `run ${row.run}`,
    ...(row.checkpoint === null ? [] : [`checkpoint ${row.checkpoint}`]),
    ...(row.sample === null ? [] : [`sample ${row.sample}`]),
    ...(row.correct === null ? [] : [row.correct ? 'correct' : 'wrong']),
    ...(reference === null ? [] : [`reference answer ${reference}`]),
  ]
  const messages = detail.messages ?? [{ role: 'prompt', content: row.prompt }]
  const parts = [`# ${name}`, facts.join(' · ')]
  if (span === null)
    for (const { role, content } of messages)
      if (content !== '') parts.push(`## ${capital(role)}\n\n${content}`)
  parts.push(span === null ? '## Response' : '## Excerpt')
  if (bounds === null) parts.push(response.slice(from, to))
  for (let step = 0; bounds !== null && step * 2 < bounds.length; step++) {
    const start = Math.max(from, bounds[step * 2]!)
    const end = Math.min(to, bounds[step * 2 + 1]!)
    if (start >= end) continue
    const said = [
      ...labels.filter((one) => one.start < end && one.end > start).map(labelWords),
      ...BEHAVIOURS.flatMap((behaviour, index) => {
        const probability = prediction?.probabilities[step * BEHAVIOURS.length + index] ?? 0
        if (prediction === null || probability < (thresholds[index] ?? 1)) return []
        return [`${BEHAVIOUR_STYLE[behaviour].name} (predicted, ${probability.toFixed(2)})`]
      }),
      ...own.labels.filter((one) => one.start < end && one.end > start).map(ownWords),
      ...own.predictions.flatMap(({ behaviour, probabilities, threshold }) => {
        const probability = probabilities[step] ?? 0
        return probability < threshold ? [] : [`${behaviour} (predicted, ${probability.toFixed(2)})`]
      }),
    ]
    const note = said.length === 0 ? '' : `\n\n> Step ${step + 1}: ${[...new Set(said)].join('; ')}`
    parts.push(`${response.slice(start, end)}${note}`)
  }
  return `${parts.join('\n\n')}\n`
}

const labelWords = ({ behaviour, verdict, annotator, note }: Annotation): string =>
  `**${BEHAVIOUR_STYLE[behaviour].name}** (${verdict === 'present' ? 'labelled' : 'rejected'} by ${annotator}${note === '' ? '' : `: ${note}`})`

const ownWords = ({ behaviour, verdict, annotator }: InterchangeOwn['labels'][number]): string =>
  `**${behaviour}** (${verdict === 'present' ? 'labelled' : 'rejected'} by ${annotator})`

function json({ detail, labels, own }: Copied, span: Span | null): string {
  const { row, response, textHash, segmenter, prediction } = detail
  const whole = {
    run: row.run,
    checkpoint: row.checkpoint,
    key: row.key,
    sample: row.sample,
    prompt: row.prompt,
    response,
    textHash,
    bounds: detail.bounds,
    segmenter,
    prediction,
    annotations: labels,
    own,
  }
  if (span === null) return `${JSON.stringify(toInterchange(whole, 'code_points'))}\n`
  const steps = Array.from({ length: (detail.bounds?.length ?? 0) / 2 }, (_, step) => step).filter(
    (step) => detail.bounds![step * 2]! >= span.start && detail.bounds![step * 2 + 1]! <= span.end,
  )
  const width = BEHAVIOURS.length
  const shift = (one: Span): Span => ({ start: one.start - span.start, end: one.end - span.start })
  const within = (one: Span) => one.start >= span.start && one.end <= span.end
  const part = toInterchange(
    {
      ...whole,
      response: response.slice(span.start, span.end),
      // The hash of the response is not that of a part of it.
      textHash: null,
      bounds:
        detail.bounds &&
        Uint32Array.from(
          steps.flatMap((step) => [
            detail.bounds![step * 2]! - span.start,
            detail.bounds![step * 2 + 1]! - span.start,
          ]),
        ),
      prediction: prediction && {
        ...prediction,
        probabilities: Float32Array.from(
          steps.flatMap((step) => [...prediction.probabilities.subarray(step * width, (step + 1) * width)]),
        ),
      },
      annotations: labels.filter(within).map((one) => ({
        ...one,
        ...shift(one),
        target: one.target !== null && within(one.target) ? shift(one.target) : null,
      })),
      own: {
        labels: own.labels.filter(within).map((one) => ({ ...one, ...shift(one) })),
        predictions: own.predictions.map((said) => {
          const probabilities = Float32Array.from(steps, (step) => said.probabilities[step]!)
          return { ...said, probabilities, ...countOne(probabilities, said.threshold) }
        }),
      },
    },
    'code_points',
  )
  const before = [...response.slice(0, span.start)].length
  return `${JSON.stringify({ ...part, excerpt_of: { text_hash: textHash, start: before } })}\n`
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
