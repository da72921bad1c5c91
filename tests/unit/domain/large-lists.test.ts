import { describe, expect, it } from 'vitest'
import { append } from '#shared/domain/append.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { Recipe, select, type Fact } from '#shared/domain/curate/index.ts'
import type { Subject } from '#shared/domain/curate/subject.ts'
import { treeText } from '#shared/domain/curate/tree-text.ts'
import { readChains } from '#shared/domain/graph/equations.ts'
import { fitHeads } from '#shared/domain/learning/fit-heads.ts'

/** As arguments of one call these would overflow the stack. */
const MANY = 140_000

describe('very many values', () => {
  it('are appended', () => {
    const list = [0]
    append(
      list,
      Array.from({ length: MANY }, (_, at) => at + 1),
    )
    expect(list).toHaveLength(MANY + 1)
    expect(list.at(-1)).toBe(MANY)
  })

  it('can be the labelled traces of one group', () => {
    const labels = new Uint8Array(BEHAVIOURS.length)
    const logits = new Float32Array(BEHAVIOURS.length)
    const trace = { group: 'one prompt', heads: 1, labels, logits }
    const traces = [...Array.from({ length: MANY }, () => trace), { ...trace, group: 'another' }]
    expect(fitHeads(1, traces, [0.5, 0.5, 0.5, 0.5]).behaviours[0]!.steps).toBe(MANY + 1)
  })

  it('can be the strata of a set', () => {
    const facts = Array.from({ length: MANY }, (_, id): Fact => ({
      ...{ id, key: id, prompt: id, group: String(id), size: 1, characters: 1, counts: [0, 0, 0, 0] },
      ...{ correct: true, from: ['predictions'], rows: 1, chosen: false, rejected: false },
    }))
    const recipe = Recipe.parse({ recipe: 1, name: 'a', sample: { by: ['key'], balance: 'equal_rows' } })
    expect(select(facts, recipe, null).units).toHaveLength(MANY)
  })

  it('can be the numbers of a node in a search tree', () => {
    const tree = [MANY, 1, 1].map((numbers, id) => ({
      ...{ id, parent: id === 0 ? null : 0, goal: 1, operation: id === 0 ? null : `move ${id}` },
      ...{ numbers: Array.from({ length: numbers }, () => 5), fate: 'path' },
    }))
    const subject = { trace: { metadata: { tree }, response: '' } } as unknown as Subject
    expect(treeText(subject, { kind: 'trees', order: 'best_first', dead_ends: true })).toContain('move 2')
  })

  it('can be the equations of a step', () => {
    const text = '1 = 1 = = '.repeat(MANY)
    expect(readChains(text, 0, text.length)).toHaveLength(MANY)
  })
})
