import { describe, expect, it } from 'vitest'
import { pairRow, rowsOf, transform, type Recipe } from '#shared/domain/curate/index.ts'
import type { Transform } from '#shared/domain/curate/transform-schema.ts'
import { CONTEXT, generated, subject } from './traces.ts'

const RENDERED = [{ chat_template: { file: 't' } }] satisfies Transform[]
const templates = new Map([['t', () => '<User>Hi<Assistant><think>\n']])

const draftOf = (given: Parameters<typeof subject>[0], transforms: Transform[] = RENDERED) =>
  transform(subject(given), transforms, { ...CONTEXT, templates })!
const rows = (kind: Recipe['rows'], given: Parameters<typeof subject>[0] = {}, transforms = RENDERED) =>
  rowsOf({ rows: kind }, subject(given), draftOf(given, transforms))

describe('after a template that opens the thought', () => {
  const edited = { kind: 'edit_pairs', revised: 'fixed', per_trace: 4 } as const

  it('no side of a pair opens it again', () => {
    const fixed = '<think>\nTwo.\n</think>\n<answer>2</answer>'
    expect(rows(edited, { metadata: { fixed } })).toMatchObject([
      {
        partial: '',
        chosen: 'Two.\n</think>\n<answer>2</answer>',
        rejected: 'One and one.\nThat is two.\n</think>\n<answer>2</answer>',
      },
    ])
    const again = draftOf({}, [...RENDERED, { think: 'normalise' }])
    expect(pairRow(again, again)).toMatchObject({
      chosen: expect.stringMatching(/^One and one/) as string,
      rejected: expect.stringMatching(/^One and one/) as string,
    })
  })

  it('what both sides share does not', () => {
    const steps = ['<think>', 'One and one.', 'That is three.', '</think>']
    const given = { response: steps.join('\n'), metadata: { steps, fixed: 'That is two.', at: 2 } }
    expect(rows({ ...edited, step: 'at' }, given)).toMatchObject([
      { partial: 'One and one.\n', chosen: 'That is two.', rejected: 'That is three.' },
    ])
    for (const trace of generated({ count: 20, seed: '3' }))
      for (const row of rows({ kind: 'branch_pairs', per_trace: 4 }, trace))
        expect(row.partial).not.toMatch(/^\s*<think>/)
  })

  it('a search tree does not', () => {
    const told = generated({ count: 5, seed: '3' }).flatMap((trace) =>
      rows({ kind: 'trees', order: 'depth_first', dead_ends: true }, trace),
    )
    expect(told.length).toBeGreaterThan(0)
    for (const row of told)
      expect(row).toMatchObject({ completion: expect.not.stringContaining('<think>') as string })
  })

  it('the first step does not, and a step that was the tag alone is none', () => {
    const kind = { kind: 'steps', labels: 'first_wrong', field: 'at' } as const
    const metadata = { at: 2, steps: ['<think>', 'One.', 'Three.'] }
    expect(rows(kind, { metadata })).toMatchObject([
      { completions: ['One.', 'Three.'], labels: [true, false] },
    ])
    const together = { at: 1, steps: ['<think> One.', 'Three.'] }
    expect(rows(kind, { metadata: together })).toMatchObject([
      { completions: [' One.', 'Three.'], labels: [true, false] },
    ])
  })

  it('a response that has begun does not', () => {
    const row = rows({ kind: 'traces' }, {}, [{ cut: { steps: 2 } }, ...RENDERED] as typeof RENDERED)[0]!
    expect(row.partial).toMatch(/^One and one/)
    expect(row).toMatchObject({ completion: expect.stringContaining('</think>') as string })
  })

  it('a beginning that is cut off after its thought was written anew does not', () => {
    const transforms = [...RENDERED, { think: 'normalise' }, { cut: { steps: 2 } }] satisfies Transform[]
    const given = draftOf({}, transforms)
    const [row] = rowsOf({ rows: { kind: 'traces' } }, subject(), given)
    for (const { partial } of [row!, pairRow(given, given)]) expect(partial).toMatch(/^One and one/)
  })
})

it('after a template that does not, the tag stays', () => {
  const plain = new Map([['t', () => '<User>Hi<Assistant>']])
  const draft = transform(subject(), RENDERED, { ...CONTEXT, templates: plain })!
  expect(rowsOf({ rows: { kind: 'traces' } }, subject(), draft)[0]).toMatchObject({
    completion: expect.stringMatching(/^<think>/) as string,
  })
})
