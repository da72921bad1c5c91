import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readRecipe, requireRecipe, writeRecipe } from '#shared/domain/curate/index.ts'

const first = (text: string) => readRecipe(text).problems[0]

describe('problems name their place', () => {
  it.each([
    ['recipe: 1\nname: a\nfilters:\n- corect: true\n', 4, 3, /"corect" is not known here/],
    ['recipe: 1\nname: a\nfilters:\n- correct: true\n- length: { min: long }\n', 5, 13, /number/],
    ['recipe: 1\nname: a\nfilters:\n- correct: true\n  answered: true\n', 4, 3, /two filters/],
    ['recipe: 1\nname: a\nsample:\n  size: 10\n  budget: 10\n', 3, 1, /not both/],
    ['recipe: 1\nname: a\nfilters:\n- behaviours: { backtracking: { min: 3, max: 1 } }\n', 4, 17, /above/],
    ['recipe: 1\nname: a\noutput: { format: trl_preference }\n', 3, 11, /cannot be written/],
    ['recipe: 2\nname: a\n', 1, 1, /version 1/],
    ['name: a\n', 1, 1, /begins with "recipe: 1"/],
    ['recipe: 1\nname: a\nseed: [\n', 4, 1, /./],
    ['recipe: 1\nname: a\nname: b\n', 3, 1, /unique/],
  ])('%j', (text, line, column, message) => {
    const problem = first(text)!
    expect(problem.message).toMatch(message)
    expect([problem.line, problem.column]).toEqual([line, column])
  })

  it('tells of all of them, in the order of lines', () => {
    const { problems } = readRecipe('recipe: 1\nname: a b\nseed: x\nfilters:\n- {}\n- only: [hope]\n')
    expect(problems.map(({ line }) => line)).toEqual([2, 3, 5, 6])
  })

  it('names the file in an error', () => {
    expect(() => requireRecipe('recipe: 1\nname: a\nfilters: [{}]', 'mine.yaml')).toThrow(
      /mine\.yaml:3:\d+ filters\[0\]:/,
    )
  })

  it('does not unfold a bomb of aliases', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
      .split('')
      .map((name, at) => `${name}: &${name} [${`*${'abcdefghi'[at]!},`.repeat(9)}]`)
      .join('\n')}`
    expect(readRecipe(bomb).recipe).toBeNull()
  })
})

describe('text and form', () => {
  const folder = join(import.meta.dirname, '../../../resources/recipes')

  it.each(readdirSync(folder))('%s survives writing and reading', (file) => {
    const recipe = requireRecipe(readFileSync(join(folder, file), 'utf8'), file)
    const text = writeRecipe(recipe)
    expect(requireRecipe(text, file)).toEqual(recipe)
    expect(writeRecipe(requireRecipe(text, file))).toBe(text)
    expect(`${recipe.name}.yaml`).toBe(file)
  })

  it('reads JSON', () => {
    expect(requireRecipe('{"recipe": 1, "name": "a"}', 'a.json').sample.order).toBe('shuffled')
  })
})
