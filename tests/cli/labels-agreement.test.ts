import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { AnnotatorAgreement, LabelDifference } from '#shared/contract/agreement.ts'
import { cairn } from './run.ts'

const TEXT = 'I add the two numbers first.\n\nWait, that is not right at all.\n\nLet me check it once more.'
const STEPS = [
  [0, 28],
  [30, 61],
  [63, 89],
] as const

/** A row of a label file: behaviours by step. */
const row = (annotator: string, said: Record<number, string[]>) =>
  JSON.stringify({
    ...{ text: TEXT, steps: STEPS, annotator },
    annotations: Object.entries(said).map(([step, behaviours]) => ({
      ...{ step: Number(step), start: STEPS[Number(step)]![0], end: STEPS[Number(step)]![1], behaviours },
    })),
  })

it('tells how far two annotators agree, and where they do not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-agreement-'))
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, name), `${text}\n`)
    return join(folder, name)
  }
  const study = ['-w', join(folder, 'study')]
  try {
    const traces = put('traces.jsonl', JSON.stringify({ prompt: 'p', response: TEXT, run: 'one' }))
    expect((await cairn(['import', traces, ...study])).code).toBe(0)
    const ann = put(
      'ann.jsonl',
      row('Ann', { 0: ['subgoal_setting'], 1: ['backtracking'], 2: ['verification'] }),
    )
    const bob = put('bob.jsonl', row('Bob', { 1: ['backtracking', 'verification'], 2: ['verification'] }))
    expect((await cairn(['labels', 'import', ann, ...study])).code).toBe(0)

    const alone = await cairn(['labels', 'agreement', ...study])
    expect(alone.code).not.toBe(0)
    expect(alone.stderr).toContain('Only Ann has labelled anything here')
    expect(alone.stderr).toContain('"cairn labels import FILE')
    const filtered = await cairn(['labels', 'agreement', ...study, '--run', 'another'])
    expect(filtered.stderr).toContain('Nobody has labelled any of these traces')
    expect(filtered.stderr).toContain('leave the filter out')
    expect(filtered.stderr).not.toContain('labels import')

    expect((await cairn(['labels', 'import', bob, ...study])).code).toBe(0)
    const told = await cairn(['labels', 'agreement', ...study, '--differences', '5'])
    expect(told.code).toBe(0)
    expect(told.stdout).toContain('1 traces and 2 steps that at least two have judged')
    expect(told.stdout).toMatch(/^verification +2 +1 +0\.00 +–$/m)
    expect(told.stdout).toMatch(/^Ann +Bob +verification +1 +0 +1 +0 +0\.00 +–$/m)
    expect(told.stdout).toMatch(/^Ann +Bob +backtracking +1 +0 +0 +1 +1\.00 +–$/m)
    expect(told.stdout).toContain('verification: Ann no, Bob yes; last word Bob (one, trace 1)')
    expect(told.stdout).toContain('> Wait, that is not right at all.')

    const json = await cairn([
      'labels',
      'agreement',
      ...study,
      '--throughout',
      '--differences',
      '1',
      '--json',
    ])
    const result = JSON.parse(json.stdout) as AnnotatorAgreement & { differences: LabelDifference[] }
    expect(result).toMatchObject({
      traces: 1,
      steps: 3,
      people: [{ annotator: 'Ann' }, { annotator: 'Bob' }],
    })
    expect(result.behaviours.subgoal_setting).toMatchObject({ steps: 3, differ: 1 })
    expect(result.differences).toHaveLength(1)
    expect(Object.keys(result.differences[0]!)).not.toContain('truth')

    const cleo = put('cleo.jsonl', row('Cleo', { 1: ['backtracking'] }))
    expect((await cairn(['labels', 'import', cleo, ...study])).code).toBe(0)
    const among = ['labels', 'agreement', ...study, '--annotator', 'Ann', '--annotator']
    const two = await cairn([...among, 'Bob', '--json'])
    expect((JSON.parse(two.stdout) as AnnotatorAgreement).people.map(({ annotator }) => annotator)).toEqual([
      'Ann',
      'Bob',
    ])
    const twice = await cairn([...among, 'Ann'])
    expect(twice.code).toBe(2)
    expect(twice.stderr).toContain('agreement takes two or more')
    const many = await cairn([...among, 'Bob', '--differences', '501'])
    expect(many.code).toBe(2)
    expect(many.stderr).toContain('no whole number from 1 to 500')

    const stranger = await cairn([
      'labels',
      'agreement',
      ...study,
      '--annotator',
      'Ann',
      '--annotator',
      'Cem',
    ])
    expect(stranger.code).not.toBe(0)
    expect(stranger.stderr).toContain('Cem has labelled none of these traces.')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
