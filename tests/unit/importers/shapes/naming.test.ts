import { describe, expect, it } from 'vitest'
import { nameFromPath, numberStem, stepIn } from '#engine/importers/naming.ts'

describe('nameFromPath', () => {
  it.each([
    ['grpo-checkpoints/step_250/eval_samples.jsonl', 'grpo-checkpoints', 250],
    ['grpo-checkpoints/step-250/eval_samples.jsonl', 'grpo-checkpoints', 250],
    ['base_8b/eval_samples.jsonl', 'base_8b', null],
    ['math500/math500_deepseek_r1.jsonl', 'math500_deepseek_r1', null],
    ['archive.zip!inner/x.jsonl', 'x', null],
    ['archive.zip!inner/samples.jsonl', 'archive', null],
    ['runs/ppo/global_step_500/part-00000.parquet', 'ppo', 500],
    ['ppo/checkpoint-1200/rollouts.jsonl.gz', 'ppo', 1200],
    ['ppo/completions_step40.json', 'ppo', 40],
    ['completions_step40.json', null, 40],
    ['my-run/rollout_data/75.jsonl', 'my-run', null],
    ['formats/verl/75.jsonl', 'verl', null],
    ['lm/samples_math_2026-01-21T03-44-18.458309.jsonl', 'samples_math', null],
    ['logs/2025-05-12T20-28-13-04-00_popularity.json', 'popularity', null],
    ['sos/stream-of-search_train_128_20250330-051804.json', 'stream-of-search_train_128', null],
    ['org/model-7b/train-00000-of-00012.parquet', 'model-7b', null],
    ['grpo/step_250/math500.jsonl', 'math500', 250],
    ['qwen-step-100.jsonl', 'qwen', 100],
    ['C:\\runs\\dpo\\results.csv', 'dpo', null],
    ['./samples.jsonl', null, null],
    ['results/2025-01-01/eval_results.json', null, null],
    ['data/train.jsonl', null, null],
    ['', null, null],
    ['two-step-reasoning/train.jsonl', 'two-step-reasoning', null],
    ['gpt-4.1.jsonl', 'gpt-4.1', null],
    ['gpt-4o-2024-08-06.jsonl', 'gpt-4o', null],
  ])('%s → %s, %s', (file, run, checkpoint) => {
    expect(nameFromPath(file)).toEqual({ run, checkpoint })
  })
})

describe('steps in names', () => {
  it('reads the common spellings and nothing else', () => {
    expect(
      ['step_250', 'global_step500', 'checkpoint-1200', 'completions_step40', 'ckpt-3'].map(stepIn),
    ).toEqual([250, 500, 1200, 40, 3])
    expect(['multi-step', 'footstep', 'v2', '250'].map(stepIn)).toEqual([null, null, null, null])
  })

  it('reads a bare number only when asked', () => {
    expect(numberStem('a/75.jsonl')).toBe(75)
    expect(numberStem('a/75b.jsonl')).toBeNull()
  })
})
