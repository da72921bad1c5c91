import type { Verdict } from '#shared/domain/answers/index.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { countBehaviours } from '#shared/domain/counts.ts'
import { ownLabelRows, ownPredictionRows } from '#shared/domain/interchange/write-own.ts'
import { toInterchange, annotationRows, predictionRow, stepPairs } from '#shared/domain/interchange/write.ts'
import { createOffsetConverter, type OffsetUnit } from '#shared/domain/offsets.ts'
import type { Json } from '#shared/domain/trace.ts'
import type { ExportContainer, ExportFormat } from '#shared/contract/exports.ts'
import type { Columns } from './columns.ts'
import type { ExportTrace } from './types.ts'

/** One row. */
export type Row = { readonly [column: string]: Json }

/** What the rows of a format hold. `columns` names every field of `row`, in its order. */
export interface Layout {
  columns: Columns
  row(trace: ExportTrace): Row
}

const MESSAGES = { list: { struct: { role: 'string', content: 'string' } } } as const
const PAIRS = { list: { list: 'int32' } } as const
const PREDICTION = {
  struct: {
    model: 'string',
    version: 'string',
    thresholds: { list: 'double' },
    behaviours: { list: 'string' },
    probabilities: { list: { list: 'double' } },
  },
} as const
const ANNOTATIONS = {
  list: {
    struct: {
      start: 'int32',
      end: 'int32',
      behaviour: 'string',
      verdict: 'string',
      annotator: 'string',
      at: 'string',
      target: { list: 'int32' },
      note: 'string',
    },
  },
} as const
const OWN = {
  own_annotations: {
    list: {
      struct: {
        start: 'int32',
        end: 'int32',
        behaviour: 'string',
        verdict: 'string',
        annotator: 'string',
        at: 'string',
      },
    },
  },
  own_predictions: {
    list: {
      struct: {
        behaviour: 'string',
        model: 'string',
        model_version: 'string',
        version: 'int32',
        threshold: 'double',
        steps: 'int32',
        episodes: 'int32',
        probabilities: { list: 'double' },
      },
    },
  },
} as const
const VERDICT = {
  struct: {
    outcome: 'string',
    checker: 'string',
    extracted: 'string',
    method: 'string',
    reference: 'string',
    reason: 'string',
  },
} as const

/** In the order of the columns. */
const verdictOf = ({ outcome, checker, extracted, method, reference, reason }: Verdict) => ({
  ...{ outcome, checker, extracted, method, reference, reason },
})

const COUNTS = { struct: Object.fromEntries(BEHAVIOURS.map((behaviour) => [behaviour, 'int32'] as const)) }

/** What a training row carries besides its texts. */
interface Origin {
  columns: Columns
  of(trace: ExportTrace): Row
}

/** So that a row can be traced back. */
const NAMED: Origin = {
  columns: { id: 'int64', run: 'string' },
  of: ({ id, run }) => ({ id, run }),
}

/**
 * With what may be missing, which only a container that states its types can hold: of JSONL `datasets` takes them from
 * the first 10 MB, and stops at the first value of a column that had none there.
 */
const KNOWN: Origin = {
  columns: { ...NAMED.columns, checkpoint: 'double', key: 'string', correct: 'boolean' },
  of: ({ id, run, checkpoint, key, correct }) => ({ id, run, checkpoint, key, correct }),
}

/**
 * The layout of a format. Training layouts hold what trainers read: `messages` is the conversation
 * with the response as the last, assistant, turn (a prompt without one becomes a user turn);
 * `prompt_completion` and `query_completion` are pairs of texts; where a row comes from goes with them, in JSONL only
 * what every row has. `traces` holds everything known of a trace, `annotations` the rows that `fromInterchange` reads
 * back, both the same in every container. Offsets count in `unit`.
 */
export function createLayout(format: ExportFormat, container: ExportContainer, unit: OffsetUnit): Layout {
  const origin = container === 'jsonl' ? NAMED : KNOWN
  if (format === 'messages') return messagesLayout(origin)
  if (format === 'prompt_completion') return pairLayout('prompt', origin)
  if (format === 'query_completion') return pairLayout('query', origin)
  if (format === 'annotations') return annotationsLayout(unit)
  return tracesLayout(unit)
}

function messagesLayout(origin: Origin): Layout {
  return {
    columns: { messages: MESSAGES, ...origin.columns },
    row: (trace) => ({ messages: conversation(trace), ...origin.of(trace) }),
  }
}

function conversation({ messages, prompt, response }: ExportTrace) {
  const before = messages ?? (prompt === '' ? [] : [{ role: 'user', content: prompt }])
  const turns = before.map(({ role, content }) => ({ role, content }))
  turns.push({ role: 'assistant', content: response })
  return turns
}

function pairLayout(question: 'prompt' | 'query', origin: Origin): Layout {
  return {
    columns: { [question]: 'string', completion: 'string', ...origin.columns },
    row: (trace) => ({ [question]: trace.prompt, completion: trace.response, ...origin.of(trace) }),
  }
}

function annotationsLayout(unit: OffsetUnit): Layout {
  return {
    columns: {
      format: 'string',
      version: 'int32',
      trace: { struct: { run: 'string', checkpoint: 'double', key: 'string', sample: 'double' } },
      prompt: 'string',
      text_hash: 'string',
      offset_unit: 'string',
      segmenter: 'int32',
      text: 'string',
      steps: PAIRS,
      prediction: PREDICTION,
      annotations: ANNOTATIONS,
      ...OWN,
    },
    row: (trace) => toInterchange(trace, unit),
  }
}

function tracesLayout(unit: OffsetUnit): Layout {
  return {
    columns: {
      id: 'int64',
      run: 'string',
      checkpoint: 'double',
      key: 'string',
      sample: 'double',
      prompt: 'string',
      messages: MESSAGES,
      response: 'string',
      reference: 'string',
      reward: 'double',
      correct: 'boolean',
      verdict: VERDICT,
      truncated: 'boolean',
      tokens: 'double',
      metadata: 'json',
      text_hash: 'string',
      offset_unit: 'string',
      segmenter: 'int32',
      steps: PAIRS,
      prediction: PREDICTION,
      counts: { struct: { steps: COUNTS, episodes: COUNTS } },
      annotations: ANNOTATIONS,
      ...OWN,
    },
    row(trace) {
      const offsets = createOffsetConverter(trace.response, unit)
      return {
        id: trace.id,
        run: trace.run,
        checkpoint: trace.checkpoint,
        key: trace.key,
        sample: trace.sample,
        prompt: trace.prompt,
        messages: trace.messages?.map(({ role, content }) => ({ role, content })) ?? null,
        response: trace.response,
        reference: trace.reference,
        reward: trace.reward,
        correct: trace.correct,
        verdict: trace.verdict && verdictOf(trace.verdict),
        truncated: trace.truncated,
        tokens: trace.tokens,
        metadata: trace.metadata,
        text_hash: trace.textHash,
        offset_unit: unit,
        segmenter: trace.segmenter,
        steps: stepPairs(trace.bounds, offsets),
        prediction: trace.prediction && predictionRow(trace.prediction),
        counts: counts(trace.prediction),
        annotations: annotationRows(trace, offsets),
        own_annotations: ownLabelRows(trace, offsets),
        own_predictions: ownPredictionRows(trace.own.predictions),
      }
    },
  }
}

function counts(prediction: ExportTrace['prediction']): Json {
  if (prediction === null) return null
  const { steps, episodes } = countBehaviours(prediction.probabilities, prediction.thresholds)
  const named = (values: readonly number[]) =>
    Object.fromEntries(BEHAVIOURS.map((behaviour, index) => [behaviour, values[index]!] as const))
  return { steps: named(steps), episodes: named(episodes) }
}
