import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { ExportOptions } from '#engine/exporters/index.ts'
import type { ExportTrace } from '#engine/exporters/types.ts'

const folders: string[] = []

/** A new folder, removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cairn-export-'))
  folders.push(folder)
  return folder
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

const PLAIN: ExportTrace = {
  id: 1,
  run: 'grpo',
  checkpoint: 250,
  key: 'test-1',
  sample: 0,
  prompt: 'Make 24 with the numbers [4, 6].',
  messages: null,
  response: 'First 4 * 6.\nThat is 24. 😀',
  reference: '4 * 6',
  reward: 1,
  correct: true,
  verdict: {
    outcome: 'correct',
    checker: 'math',
    extracted: '24',
    method: 'last_number',
    reference: '4 * 6',
    reason: 'equal in value',
  },
  truncated: false,
  tokens: 12,
  metadata: { bucket: { complexity: 'easy' }, scores: [0.5, null] },
  textHash: 'ab'.repeat(32),
  bounds: Uint32Array.of(0, 12, 13, 24),
  segmenter: 1,
  prediction: {
    model: 'cairn-behaviours',
    version: '1.0.0',
    probabilities: Float32Array.from([0.25, 0, 0.75, 0, 1, 0.1, 0, 0]),
    thresholds: [0.5, 0.5, 0.5, 0.5],
  },
  annotations: [
    {
      start: 13,
      end: 27,
      behaviour: 'verification',
      verdict: 'present',
      annotator: 'ada',
      at: '2026-01-02T03:04:05.000Z',
      target: { start: 0, end: 12 },
      note: 'sure',
    },
    {
      start: 25,
      end: 27,
      behaviour: 'backtracking',
      verdict: 'absent',
      annotator: 'bob',
      at: '2026-01-02T03:04:06.000Z',
      target: null,
      note: '',
    },
  ],
  own: {
    labels: [
      {
        start: 13,
        end: 27,
        behaviour: 'states a result',
        verdict: 'present',
        annotator: 'ada',
        at: '2026-01-02T03:04:07.000Z',
      },
    ],
    predictions: [
      {
        behaviour: 'states a result',
        model: 'cairn-accurate',
        modelVersion: '1.1.0',
        version: 2,
        threshold: 0.4,
        steps: 1,
        episodes: 1,
        probabilities: Float32Array.of(0.25, 0.75),
      },
    ],
  },
}

/** Every field absent that may be. */
const BARE: ExportTrace = {
  id: 2,
  run: 'base',
  checkpoint: null,
  key: null,
  sample: null,
  prompt: '',
  messages: null,
  response: '',
  reference: null,
  reward: null,
  correct: null,
  verdict: null,
  truncated: null,
  tokens: null,
  metadata: {},
  textHash: 'cd'.repeat(32),
  bounds: null,
  segmenter: null,
  prediction: null,
  annotations: [],
  own: { labels: [], predictions: [] },
}

/** A conversation, no steps in a classified trace, and a target that is the problem. */
const CHAT: ExportTrace = {
  ...BARE,
  id: 2 ** 40,
  run: 'chat',
  checkpoint: 0.5,
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hé?' },
  ],
  prompt: 'Hé?',
  response: '𝔸 wait',
  correct: false,
  bounds: new Uint32Array(),
  segmenter: 1,
  prediction: {
    model: 'cairn-behaviours',
    version: '0.9',
    probabilities: new Float32Array(),
    thresholds: [1, 1, 1, 1],
  },
  annotations: [{ ...PLAIN.annotations[1]!, start: 3, end: 7, target: { start: 0, end: 0 } }],
}

export const TRACES: readonly ExportTrace[] = [PLAIN, BARE, CHAT]

/** Traces in batches of two. */
export async function* batches(
  traces: readonly ExportTrace[] = TRACES,
): AsyncGenerator<readonly ExportTrace[]> {
  for (let at = 0; at < traces.length; at += 2) yield traces.slice(at, at + 2)
}

/** Options of an export to `path`, with what the test changes. */
export function exportTo(path: string, changes: Partial<ExportOptions> = {}): ExportOptions {
  return {
    traces: batches(),
    format: 'traces',
    container: 'jsonl',
    path,
    offsetUnit: 'code_points',
    overwrite: false,
    manifest: {
      cairn: '0.1.0',
      filter: { runs: ['grpo', 'base'], correct: true },
      sources: [
        { name: '/home/ada/b.jsonl', sha256: 'ef'.repeat(32), bytes: 20 },
        { name: 'a.jsonl', sha256: null, bytes: 10 },
      ],
    },
    ...changes,
  }
}
