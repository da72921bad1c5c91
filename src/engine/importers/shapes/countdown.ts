import { hasAll, mappingShape, share } from './support/shape.ts'
import { own, ownObject } from './support/record.ts'
import { isList, isObject } from './support/record.ts'
import { stepIn } from '../naming.ts'

/** Countdown evaluation samples: one generation with the expression found in it and its verdict. */
export const countdownEval = mappingShape({
  id: 'countdown_eval',
  title: 'Countdown evaluation samples (raw_generation)',
  detect: (sample) =>
    0.95 * share(sample, (record) => hasAll(record, 'raw_generation', 'prompt', 'extracted_expr', 'correct')),
  fields: () => ({
    key: 'id',
    prompt: 'prompt',
    response: 'raw_generation',
    correct: 'correct',
    truncated: 'truncated',
    tokens: 'generated_tokens',
  }),
})

/** Countdown SFT rows: a teacher's response, checked by a validator. */
export const countdownSft = mappingShape({
  id: 'countdown_sft',
  title: 'Countdown SFT rows (response with validation)',
  detect: (sample) =>
    0.95 *
    share(
      sample,
      (record) =>
        hasAll(record, 'prompt', 'response', 'target') &&
        ownObject(record, 'validation')?.['ok'] !== undefined,
    ),
  fields: () => ({
    key: 'id',
    prompt: 'prompt',
    response: 'response',
    reference: 'gold_expr',
    correct: 'validation.ok',
  }),
})

/** `completions_step<N>.json`: a list of `{ ground_truth: { numbers, target }, generated }` per training step. */
export const stepCompletions = mappingShape({
  id: 'step_completions',
  title: 'Completions of one training step (completions_step<N>.json)',
  positional: true,
  detect: (sample) =>
    0.95 *
    share(sample, (record) => {
      const truth = own(record, 'ground_truth')
      return typeof own(record, 'generated') === 'string' && isObject(truth) && isList(own(truth, 'numbers'))
    }),
  fields: () => ({ response: 'generated', reference: 'ground_truth' }),
  adjust: (trace, _record, { file }) => ({
    ...trace,
    checkpoint: stepIn(
      file
        .split(/[/\\!]/)
        .at(-1)
        ?.split('.')[0] ?? '',
    ),
  }),
})
