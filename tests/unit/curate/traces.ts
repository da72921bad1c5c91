import {
  createJudge,
  handbook,
  subjectOf,
  WORD_COUNTER,
  type CurateTrace,
} from '#shared/domain/curate/index.ts'
import { generateCountdown, DEFAULTS, type GenerateOptions } from '#shared/domain/generate/index.ts'
import type { ScanContext } from '#shared/domain/curate/index.ts'

export const judge = createJudge(null as never)

export const LABELS = { annotations: 'first', annotated_traces: 'partial', threshold: 'model' } as const

export const CONTEXT: ScanContext = {
  labels: LABELS,
  judge,
  counter: WORD_COUNTER,
  rates: new Map(),
  templates: new Map(),
  handbook: handbook({}),
  measure: 'characters',
}

/** A trace with what is given, and nothing else. */
export function trace(given: Partial<CurateTrace> = {}): CurateTrace {
  return {
    id: 1,
    source: { name: 'file.jsonl', row: 0 },
    run: 'run',
    checkpoint: null,
    key: null,
    sample: null,
    prompt: 'How much is 1 + 1?',
    messages: null,
    response: '<think>\nOne and one.\nThat is two.\n</think>\n<answer>2</answer>',
    reference: '2',
    reward: null,
    correct: true,
    truncated: null,
    tokens: null,
    metadata: {},
    textHash: 'hash',
    bounds: null,
    segmenter: null,
    prediction: null,
    annotations: [],
    ...given,
  }
}

export const subject = (given: Partial<CurateTrace> = {}) => subjectOf(trace(given), CONTEXT)

/** Generated traces as an import leaves them: labels in the metadata. */
export function generated(options: Partial<GenerateOptions>): CurateTrace[] {
  return [...generateCountdown({ ...DEFAULTS, ...options } as GenerateOptions)].map((row, at) =>
    trace({
      id: at + 1,
      source: { name: 'generated.jsonl', row: at },
      key: row.id,
      prompt: row.prompt,
      response: row.text,
      correct: row.correct,
      reference: null,
      textHash: `hash ${at}`,
      metadata: {
        numbers: row.numbers,
        target: row.target,
        tree: row.tree as never,
        cairn_labels: { steps: row.steps, annotations: row.annotations },
      },
    }),
  )
}
