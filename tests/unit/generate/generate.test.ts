import { describe, expect, it } from 'vitest'
import { BEHAVIOURS, type Behaviour } from '#shared/domain/behaviours.ts'
import { evaluate, parseExpression } from '#shared/domain/countdown/expression.ts'
import { countdownProblem } from '#shared/domain/countdown/problem.ts'
import { verifyCountdown } from '#shared/domain/countdown/verify.ts'
import {
  DEFAULTS,
  generateCountdown,
  STYLES,
  type GeneratedRow,
  type GenerateOptions,
} from '#shared/domain/generate/index.ts'
import { fromLabelledRow } from '#shared/domain/interchange/labelled.ts'
import { createOffsetConverter } from '#shared/domain/offsets.ts'
import { segment } from '#shared/domain/segment/index.ts'

function rows(options: Partial<GenerateOptions>): GeneratedRow[] {
  return [...generateCountdown({ ...DEFAULTS, count: 60, seed: 'test', ...options })]
}

/** Every subset of the behaviours. */
const SUBSETS: Behaviour[][] = Array.from({ length: 16 }, (_, bits) =>
  BEHAVIOURS.filter((_name, index) => (bits & (1 << index)) !== 0),
)

const mixed = rows({ count: 480, behaviours: SUBSETS, tags: 'mixed' })
const wrong = rows({ count: 160, behaviours: SUBSETS, incorrect: true, seed: 'wrong' })
const everything = [...mixed, ...wrong]

const textOf = (row: GeneratedRow, step: number): string => [...row.text].slice(...row.steps[step]!).join('')

describe('behaviours', () => {
  it('are exactly those of the set', () => {
    for (const row of everything) {
      const shown = new Set(row.annotations.flatMap(({ behaviours }) => behaviours))
      expect([...shown].sort(), row.id).toEqual([...row.behaviours].sort())
    }
    for (const [index, row] of mixed.entries()) expect(row.behaviours).toEqual(SUBSETS[index % 16])
  })

  it('leave no trace in the words where they are not wanted', () => {
    const words: Partial<Record<Behaviour, RegExp>> = {
      verification: /too (?:high|low|big|small)|\bcheck|verif|✓|✅|✔|\bworks\b|\bshort of\b|not \d/i,
      backtracking:
        /scrap|back to|start(?:ing)? over|alternatively|instead|dead end|undo(?:ing)? (?:that|the)|abandon|never mind/i,
      subgoal_setting: /\bfirst,|\bsubgoal|\bplan\b|\bstep one|\bnext step|break it|\baim\b/i,
      backward_chaining:
        /\bneed \d|backward|must make|last step (?:is|comes)|undoing (?:adding|sub)|final operation/i,
    }
    for (const row of everything) {
      for (const behaviour of BEHAVIOURS.filter((name) => !row.behaviours.includes(name))) {
        expect(row.text, `${row.id} without ${behaviour}`).not.toMatch(words[behaviour]!)
      }
    }
  })

  it('come in every style that can show them', () => {
    expect(new Set(mixed.map(({ style }) => style))).toEqual(new Set(STYLES))
    for (const { style, behaviours } of everything) {
      if (style === 'backward') expect(behaviours).toContain('backward_chaining')
      if (style === 'subgoal') expect(behaviours).toContain('subgoal_setting')
    }
  })
})

describe('answers', () => {
  it('get the verdict of the checker', () => {
    for (const row of everything) {
      expect(countdownProblem(row.prompt, {})).toEqual({ numbers: row.numbers, target: row.target })
      expect(verifyCountdown(row.text, row).correct, row.id).toBe(row.correct)
    }
    expect(mixed.every(({ correct }) => correct)).toBe(true)
    expect(wrong.some(({ correct }) => correct)).toBe(false)
  })

  it('have problems within the asked range, none twice', () => {
    const narrow = rows({ problems: { counts: [3], target: [10, 25], number: [1, 50] }, count: 120 })
    for (const { numbers, target } of narrow) {
      expect(numbers).toHaveLength(3)
      expect(target).toBeGreaterThanOrEqual(10)
      expect(target).toBeLessThanOrEqual(25)
      expect(Math.max(...numbers)).toBeLessThanOrEqual(50)
    }
    expect(new Set(narrow.map(({ problem }) => problem)).size).toBe(120)
    const sizes = Map.groupBy(mixed, ({ numbers }) => numbers.length)
    expect([...sizes.keys()].sort()).toEqual([3, 4])
    expect(sizes.get(3)!.length / mixed.length).toBeCloseTo(0.5, 1)
  })
})

describe('arithmetic', () => {
  const plain = (text: string): string =>
    text
      .replace(/^[-*•] /, '')
      .replace(/->|=>|[→⇒—]/g, ' ; ')
      .replace(/\\times|\\cdot|[×·]/g, '*')
      .replace(/\\div|÷/g, '/')
      .replace(/[−–]/g, '-')
      .replace(/ \((?=[^()]*[a-z])/g, ' ; (')
      .replace(/\*\*|[`$]|\\[()]/g, ' ; ')
  const value = (text: string): number | null => {
    const expression = parseExpression(text.trim())
    const exact = expression && evaluate(expression)
    return exact && Number(exact.numerator) / Number(exact.denominator)
  }
  /** Equations in signs and in words, each as values that must agree. */
  function statements(text: string): (number | null)[][] {
    const chains = [...plain(text).matchAll(/[-\d(][\d\s()+*/-]*(?:=\s*[-\d(][\d\s()+*/-]*)+/g)].map(
      ([chain]) =>
        chain
          .replace(/[\s(]+$/, '')
          .split('=')
          .map(value),
    )
    const signs: Record<string, string> = { plus: '+', minus: '-', less: '-', times: '*', over: '/' }
    const words = [
      ...plain(text).matchAll(
        /(-?\d+) (plus|minus|less|times|over|multiplied by|divided by) (-?\d+) (?:is|makes|gives|leaves|equals) (-?\d+)/g,
      ),
    ].map(([, a, word, b, c]) => [
      value(`${a!} ${signs[word!] ?? (word === 'multiplied by' ? '*' : '/')} ${b!}`),
      Number(c),
    ])
    return [...chains, ...words]
  }

  it('is right wherever it is not a guess', () => {
    let checked = 0
    for (const row of everything) {
      for (const step of row.steps.keys()) {
        if (row.guesses.includes(step)) continue
        for (const values of statements(textOf(row, step))) {
          checked++
          expect(new Set(values).size, `${row.id}: ${textOf(row, step)}`).toBe(1)
          expect(values[0], `${row.id}: ${textOf(row, step)}`).not.toBeNull()
        }
      }
    }
    expect(checked).toBeGreaterThan(2500)
  })

  it('is wrong in guesses, which are checked', () => {
    const guessing = everything.filter(({ guesses }) => guesses.length > 0)
    expect(guessing.length).toBeGreaterThan(3)
    for (const row of guessing) {
      for (const guess of row.guesses) {
        expect(statements(textOf(row, guess)).some((values) => new Set(values).size > 1)).toBe(true)
        expect(row.annotations.some(({ verifies }) => verifies === guess)).toBe(true)
      }
    }
  })
})

describe('steps and labels', () => {
  it('cover the text, with white space between, and labels lie on them', () => {
    for (const row of everything) {
      const points = [...row.text]
      let end = 0
      for (const [from, to] of row.steps) {
        expect(points.slice(end, from).join('')).toMatch(/^\s*$/)
        expect(to).toBeGreaterThan(from)
        end = to
      }
      expect(end).toBe(points.length)
      for (const { step, start, end } of row.annotations) expect([start, end]).toEqual(row.steps[step])
    }
  })

  it('say what every verification checks and where every backtracking goes back to', () => {
    for (const row of everything) {
      for (const { step, behaviours, verifies, returns_to } of row.annotations) {
        expect(verifies !== undefined).toBe(behaviours.includes('verification'))
        expect(returns_to !== undefined).toBe(behaviours.includes('backtracking'))
        if (verifies !== undefined) expect(verifies).toBeLessThanOrEqual(step)
        if (returns_to !== undefined) expect(returns_to).toBeLessThan(step)
      }
    }
  })

  it('agree with the segmenter', () => {
    let [both, ours, theirs] = [0, 0, 0]
    for (const row of everything) {
      const offsets = createOffsetConverter(row.text, 'code_points')
      const found = segment(row.text)
      const spans = new Set(
        Array.from({ length: found.length / 2 }, (_, i) =>
          [offsets.fromUtf16(found[2 * i]!), offsets.fromUtf16(found[2 * i + 1]!)].join(),
        ),
      )
      both += row.steps.filter((step) => spans.has(step.join())).length
      ours += row.steps.length
      theirs += spans.size
    }
    expect((2 * both) / (ours + theirs)).toBeGreaterThan(0.97)
  })

  it('are read by the label importer', () => {
    for (const row of everything.slice(0, 60)) {
      const read = fromLabelledRow(row)
      expect(read.annotations).toHaveLength(row.annotations.flatMap(({ behaviours }) => behaviours).length)
    }
  })
})

describe('trees', () => {
  it('are trees from one root to one answer', () => {
    for (const { tree, correct, id } of everything) {
      expect(tree.map((node) => node.id)).toEqual(tree.map((_, index) => index))
      for (const node of tree.slice(1)) expect(node.parent, id).toBeLessThan(node.id)
      expect(tree.filter(({ fate }) => fate === 'solution')).toHaveLength(correct ? 1 : 0)
      expect(tree.filter(({ fate }) => fate === 'answered')).toHaveLength(correct ? 0 : 1)
      const final = tree.find(({ fate }) => fate === 'solution' || fate === 'answered')!
      const path: number[] = []
      for (let at: number | null = final.parent; at !== null; at = tree[at]!.parent) path.push(at)
      expect(tree.filter(({ fate }) => fate === 'path').map((node) => node.id)).toEqual(path.reverse())
      for (const node of tree)
        expect(node.fate === 'dead_end').toBe(node.numbers.length === 1 && node !== final)
    }
  })

  it('state every operation truly', () => {
    for (const { tree } of everything) {
      for (const { operation, parent, numbers, goal } of tree.slice(1)) {
        const before = tree[parent!]!
        const combined = /^(-?\d+) ([-+*/]) (-?\d+) = (-?\d+)$/.exec(operation!)
        if (combined !== null) {
          const exact = evaluate(parseExpression(`(${combined[1]!}) ${combined[2]!} (${combined[3]!})`)!)!
          expect(Number(exact.numerator) / Number(exact.denominator)).toBe(Number(combined[4]))
          expect(numbers[0]).toBe(Number(combined[4]))
          expect(numbers).toHaveLength(before.numbers.length - 1)
          expect(goal).toBe(before.goal)
        } else {
          const [shape, x] = operation!.split(', x = ')
          const [side, whole] = shape!.split(' = ')
          const exact = evaluate(parseExpression(side!.replace('x', x!))!)!
          expect(Number(exact.numerator) / Number(exact.denominator)).toBe(Number(whole))
          expect(goal).toBe(Number(x))
          expect(before.goal).toBe(Number(whole))
        }
      }
    }
  })

  it('turn where the text turns: a state that does not follow the one before goes back to its parent', () => {
    let turns = 0
    for (const { tree, annotations, behaviours, id } of everything) {
      const returns = new Map(
        annotations.flatMap(({ step, returns_to }) => (returns_to === undefined ? [] : [[step, returns_to]])),
      )
      for (const [index, node] of tree.slice(1).entries()) {
        const before = tree[index]!
        if (node.parent === before.id) continue
        expect(behaviours, id).toContain('backtracking')
        turns++
        // The turn is the sentence that states the new state, or one shortly before it.
        const turn = [...returns.keys()].filter((step) => step <= node.step && step > before.step)
        expect(turn.length, `${id} state ${node.id}`).toBeGreaterThan(0)
        for (const step of turn)
          expect(returns.get(step), `${id} state ${node.id}`).toBe(tree[node.parent!]!.step)
      }
    }
    expect(turns).toBeGreaterThan(500)
  })
})

describe('the generator', () => {
  it('gives the same rows for the same seed and others for another', () => {
    const again = rows({ count: 480, behaviours: SUBSETS, tags: 'mixed' })
    expect(JSON.stringify(again)).toBe(JSON.stringify(mixed))
    const other = rows({ seed: 'other' })
    expect(new Set([...other, ...rows({})].map(({ text }) => text)).size).toBe(120)
  })

  it('varies its words', () => {
    const sentences = mixed.flatMap((row) =>
      row.steps.map((_, step) => textOf(row, step).replace(/\d+/g, '9')),
    )
    expect(new Set(sentences).size / sentences.length).toBeGreaterThan(0.3)
  })

  it('writes empty and filled thoughts without behaviours', () => {
    for (const row of rows({ thought: 'empty', behaviours: [[]] })) {
      expect(row.text).toMatch(/^<think>\n<\/think>\n<answer>[^\n]*<\/answer>$/)
      expect(row.annotations).toEqual([])
      expect(row.correct).toBe(true)
    }
    for (const row of rows({ thought: 'filler', behaviours: [[]] })) {
      expect(row.text).toMatch(/^<think>\n\.(?: \.)*\n<\/think>\n<answer>[^\n]*<\/answer>$/)
    }
  })
})
