import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import type { TextClassificationManifest } from '#shared/domain/models/manifest.ts'

const TINY = resolve(import.meta.dirname, '../../fixtures/models/tiny-classifier')

/** Puts a small classifier into a folder, as Cairn takes it in; it loads in no time. */
export function putTinyModel(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const take = (path: string) => {
    copyFileSync(join(TINY, path), join(folder, path))
    const content = readFileSync(join(TINY, path))
    return {
      any: { path, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') },
    }
  }
  const manifest: TextClassificationManifest = {
    ...{ id: 'tiny', version: '1', title: 'Tiny', kind: 'text-classification', behaviours: [...BEHAVIOURS] },
    thresholds: { verification: 0.5, backtracking: 0.5, subgoal_setting: 0.5, backward_chaining: 0.5 },
    files: { model: take('model.onnx'), tokenizer: take('tokenizer.json') },
    ...{ data: [], inputs: ['input_ids', 'attention_mask'], output: 'logits', maxTokens: 16, pad: 0 },
    ...{ labels: ['other', 'checks', 'goes back'], activation: 'softmax', map: { verification: 1 } },
  }
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest))
}
