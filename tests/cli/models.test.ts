import { readFileSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hasSharedData, SHARED_DATA } from '../unit/shared-data.ts'
import { cairn } from './run.ts'

const BEHAVIOURS = ['verification', 'backtracking', 'subgoal_setting', 'backward_chaining']
type Scores = Record<string, { support: number; f1: number }>
interface Result {
  traces: number
  steps: number
  same_steps: number
  behaviours: Scores
  sources: Record<string, Scores>
  counts: Record<string, { episodes: { mae: number } }>
}
interface Row {
  source: string
  steps: [number, number][]
  annotations: { step: number; behaviours: string[] }[]
}

describe('cairn models', () => {
  it('lists what is built in', async () => {
    const { stdout } = await cairn(['models', 'list', '--json'])
    expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ id: 'cairn-fast' }))
  })

  it.skipIf(!hasSharedData)('measures on a label file, in the shape that scripts rely on', async () => {
    const path = join(SHARED_DATA, 'labels/dev.jsonl')
    const { stdout, code } = await cairn(['models', 'eval', '--labels', path, '--device', 'cpu', '--json'])
    expect(code).toBe(0)
    const result = JSON.parse(stdout) as Result
    const rows = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row)
    const shown = (of: readonly Row[], behaviour: string) =>
      of.reduce(
        (sum, { annotations }) =>
          sum +
          new Set(
            annotations.filter(({ behaviours }) => behaviours.includes(behaviour)).map(({ step }) => step),
          ).size,
        0,
      )
    expect(result.traces).toBe(rows.length)
    expect(result.steps).toBe(rows.reduce((sum, { steps }) => sum + steps.length, 0))
    expect(Object.keys(result.behaviours)).toEqual(BEHAVIOURS)
    expect(Object.keys(result.sources).sort()).toEqual([...new Set(rows.map(({ source }) => source))].sort())
    for (const behaviour of BEHAVIOURS) {
      expect(Object.keys(result.behaviours[behaviour]!)).toEqual(
        expect.arrayContaining(['support', 'precision', 'recall', 'f1', 'ap', 'ece']),
      )
      expect(result.behaviours[behaviour]!.support).toBe(shown(rows, behaviour))
      for (const [source, scores] of Object.entries(result.sources))
        expect(scores[behaviour]!.support).toBe(
          shown(
            rows.filter((row) => row.source === source),
            behaviour,
          ),
        )
      expect(result.counts[behaviour]!.episodes.mae).toBeGreaterThanOrEqual(0)
    }
    expect(result.behaviours['verification']!.f1).toBeGreaterThan(0.7)
    expect(result.same_steps / result.steps).toBeGreaterThan(0.9)
  })

  it('goes on after a line that is no labelled trace, and refuses a file without any', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cairn-models-'))
    const good = {
      text: 'I add them. Let me check: 2 + 2 = 4.',
      steps: [
        [0, 11],
        [12, 36],
      ],
      annotations: [{ step: 1, start: 12, end: 36, behaviours: ['verification'] }],
    }
    const path = join(folder, 'labels.jsonl')
    await writeFile(path, `{"torn\n${JSON.stringify(good)}\n\n{"text": "no labels"}\n`)
    const { stdout, stderr, code } = await cairn([
      'models',
      'eval',
      '--labels',
      path,
      '--device',
      'cpu',
      '--json',
    ])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ traces: 1, steps: 2, invalid: 2, prose: null })
    expect(stderr).toMatch(/line 1: it is not JSON/)
    expect(stderr).toMatch(/line 4: it has no labels/)
    await writeFile(path, '{}\n')
    const refused = await cairn(['models', 'eval', '--labels', path])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/holds no labelled traces/)
    expect((await cairn(['models', 'eval', '--labels', join(folder, 'nowhere')])).stderr).toMatch(
      /cannot be read/,
    )
  })

  it('takes in a model of another maker, and learns from labels', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cairn-models-'))
    const workspace = ['-w', join(folder, 'study')]
    const tiny = join(import.meta.dirname, '../fixtures/models/tiny-classifier')
    const lines = Array.from({ length: 12 }, (_, index) =>
      JSON.stringify({
        id: index,
        prompt: `p${index}`,
        response: `So ${index} it is. Let me check that. It is.`,
      }),
    )
    await writeFile(join(folder, 'rollouts.jsonl'), lines.join('\n'))
    await cairn(['import', join(folder, 'rollouts.jsonl'), ...workspace])
    const told = await cairn(['models', 'add', tiny, ...workspace])
    expect(told.stdout).toContain('goes back')
    const add = ['models', 'add', tiny, ...workspace, '--id', 'tiny', '--map']
    expect((await cairn([...add, 'checks=verifying'])).stderr).toContain('LABEL=behaviour')
    expect((await cairn([...add, 'checks=verification'])).code).toBe(0)
    expect((await cairn(['models', 'list', ...workspace])).stdout).toContain('tiny')
    const { stdout } = await cairn(['classify', '--model', 'tiny', '--json', ...workspace])
    expect(JSON.parse(stdout)).toMatchObject({ traces: 12, model: 'tiny' })
    const unlabelled = await cairn(['models', 'adapt', ...workspace])
    expect(unlabelled.stderr).toContain('Label some')
    const both = await cairn(['models', 'adapt', ...workspace, '--throughout', '--annotator', 'Ann'])
    expect(both.code).toBe(2)
    expect(both.stderr).toContain("--throughout learns from everybody's labels; leave it or --annotator out.")
    // It is measured where it is, on the labels that are there or on those of a file.
    const evaluation = ['models', 'eval', '--model', 'tiny', '--device', 'cpu', '--json']
    expect((await cairn([...evaluation, ...workspace])).stderr).toContain('carries labels')
    const response = 'So 3 it is. Let me check that. It is.'
    const labels = join(folder, 'labels.jsonl')
    const annotations = [{ step: 1, start: 12, end: 30, behaviours: ['verification'] }]
    const steps = [[0, 11], [12, 30], [31, 37]] // prettier-ignore
    await writeFile(labels, JSON.stringify({ text: response, steps, annotations }))
    expect((await cairn([...evaluation, ...workspace, '--labels', labels])).stdout).toContain('"steps": 3')
    expect((await cairn([...evaluation, '--labels', labels])).stderr).toContain('tiny')
    await cairn(['labels', 'import', labels, ...workspace])
    const measured = JSON.parse((await cairn([...evaluation, ...workspace])).stdout) as Result
    expect(measured).toMatchObject({ model: 'tiny', labels: null, traces: 1, steps: 3 })
    expect(measured.behaviours['verification']).toMatchObject({ support: 1 })
    // Without a name it is the model that the workspace uses.
    const usual = await cairn(['models', 'eval', '--device', 'cpu', '--json', ...workspace])
    expect(JSON.parse(usual.stdout)).toMatchObject({ model: 'tiny', labels: null })
    const exported = join(folder, 'exported.jsonl')
    await cairn(['export', exported, '-f', 'annotations', ...workspace])
    const onExported = await cairn([...evaluation, ...workspace, '--labels', exported, '--throughout'])
    expect(JSON.parse(onExported.stdout)).toMatchObject({ traces: 12, steps: 36 })
    const neither = await cairn(evaluation)
    expect(neither.code).toBe(2)
    expect(neither.stderr).toContain('nothing to measure on')
    expect((await cairn(['models', 'remove', 'tiny', ...workspace])).code).toBe(0)
    expect((await cairn(['models', 'list', ...workspace])).stdout).not.toContain('tiny')
  })
})
