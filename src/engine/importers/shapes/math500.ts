import { hasAll, mappingShape, share } from './support/shape.ts'

/**
 * MATH500 reasoning traces: `full_response` is all the model wrote; `reasoning_trace` and `answer_text`
 * are cut from it and stay in the metadata. The run is the model's short name, stated in every record.
 */
export const math500 = mappingShape({
  id: 'math500',
  title: 'Reasoning traces with full_response (MATH500 style)',
  detect: (sample) =>
    0.95 * share(sample, (record) => hasAll(record, 'full_response', 'reasoning_trace', 'answer_text')),
  fields: (sample) => ({
    run: sample.some((record) => typeof record['model_short_name'] === 'string')
      ? 'model_short_name'
      : 'model_name',
    key: 'item_id',
    prompt: 'prompt',
    response: 'full_response',
    reference: 'ground_truth',
    correct: 'is_correct',
    tokens: 'total_generated_tokens',
  }),
})
