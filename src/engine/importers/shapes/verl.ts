import { numberStem } from '../naming.ts'
import { mappingShape, share } from './support/shape.ts'
import { own, ownText } from './support/record.ts'

/**
 * verl rollout dumps (`rollout_data_dir/<step>.jsonl`): input and output as rendered text, gts, score,
 * step and what the reward function returned. The file's number is the step only when no record says it.
 */
export const verlRollout = mappingShape({
  id: 'verl_rollout',
  title: 'verl rollouts',
  positional: true,
  detect: (sample, { file }) =>
    0.95 *
    share(
      sample,
      (record) =>
        ownText(record, 'input') !== null &&
        ownText(record, 'output') !== null &&
        own(record, 'score') !== undefined &&
        (own(record, 'step') !== undefined || own(record, 'gts') !== undefined || numberStem(file) !== null),
    ),
  fields: (sample) => {
    const has = (key: string): boolean => sample.some((record) => own(record, key) !== undefined)
    return {
      prompt: 'input',
      response: 'output',
      ...(has('gts') ? { reference: 'gts' } : has('ground_truth') ? { reference: 'ground_truth' } : {}),
      ...(has('step') ? { checkpoint: 'step' } : {}),
      reward: has('reward') ? 'reward' : 'score',
      ...(has('acc') ? { correct: 'acc' } : {}),
      ...(has('uid') ? { key: 'uid' } : {}),
    }
  },
  adjust: (trace, _record, { file }) =>
    trace.checkpoint === null ? { ...trace, checkpoint: numberStem(file) } : trace,
})
