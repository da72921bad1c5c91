import { describe, expect, it } from 'vitest'
import { countdownProblem } from '#shared/domain/countdown/problem.ts'
import { equationsOf, readChains } from '#shared/domain/graph/equations.ts'
import { measure } from '#shared/domain/graph/measures.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { hasSharedData } from '../shared-data.ts'
import { expectSound, graphOf, jsonLines } from './support.ts'

const PROMPT = 'Using the numbers [98, 96, 34, 1], create an equation that equals 35.'
const attempts = (text: string, prompt = PROMPT) => {
  const graph = graphOf(text, { prompt })
  return { ...graph, work: graph.nodes.slice(1) }
}
const equations = (text: string) =>
  readChains(text, 0, text.length).flatMap((chain) => equationsOf(chain, null))

describe('equations in text', () => {
  it.each([
    [
      '(98−96)+(34−1) = 2+33 = 35',
      [
        ['(98-96)+(34-1)', '2+33', true],
        ['2+33', '35', true],
      ],
    ],
    ['**14 × 3 = 42** → Too high', [['14*3', '42', true]]],
    ['84 ÷ 6 = 13', [['84/6', '13', false]]],
    ['\\(7 \\times 8 = 56\\)', [['7*8', '56', true]]],
    ['3 x (4 + 1) = 15', [['3*(4+1)', '15', true]]],
    ['- 29 - 20 = 9', [['29-20', '9', true]]],
    ['80 ÷ 11 ≈ 7.27', [['80/11', '7.27', true]]],
    ['7 + 5.111... = 12.111...', [['7+5.111', '12.111', true]]],
    ['1,000 + 1 = 1001', [['1000+1', '1001', true]]],
    ['46 − 71 = −25 (not 56)', [['46-71', '-25', true]]],
    ['5 / 0 = 7', [['5/0', '7', false]]],
    ['7 = 5 / 0', [['7', '5/0', false]]],
    [`3 + 4 = ${'9'.repeat(400)}`, []],
    ['x = 5, page 12-13', []],
    ['100/7 = 14.3', [['100/7', '14.3', true]]],
    ['3.33 + 3.33 + 3.33 = 10', [['3.33+3.33+3.33', '10', true]]],
    ['3 × 16.666 = 50', [['3*16.666', '50', true]]],
    ['38 × 1836 / 67 = 38 × 27.4', [['38*1836/67', '38*27.4', true]]],
    ['12.5 + 3 + 4 + 2 = 21.8', [['12.5+3+4+2', '21.8', false]]],
    ['1 + 2 + 3 + 4 = 10.4', [['1+2+3+4', '10.4', false]]],
    ['7/2 = 3.7', [['7/2', '3.7', false]]],
    ['10/4 = 2.7', [['10/4', '2.7', false]]],
    ['3 + 4 = 7.2', [['3+4', '7.2', false]]],
    ['25 * 4 + 6 - 2 = 104.3', [['25*4+6-2', '104.3', false]]],
    ['7 + 5… = 12…', [['7+5', '12', true]]],
    ['7 + 5.. = 12..', [['7+5', '12', true]]],
  ])('%s', (text, expected) => {
    expect(equations(text).map(({ left, right, holds }) => [left, right, holds])).toEqual(expected)
  })

  it('gives the right value beside the wrong one, and where it stands', () => {
    const text = 'So 84 ÷ 6 = 13.'
    const [equation] = equations(text)
    expect(equation).toMatchObject({ value: 14, claimed: 13, holds: false })
    expect(text.slice(equation!.start, equation!.end)).toBe('84 ÷ 6 = 13')
    expect(equations('8 / (3 - 3) = 8/0')).toMatchObject([{ value: null, claimed: null, holds: false }])
    const great = '9'.repeat(200)
    expect(equations(`${great} * ${great} = 1`)).toMatchObject([{ value: null, claimed: 1 }])
  })
})

describe('long traces', () => {
  it('may end in any number of dots', () => {
    const text = `So the count is 5${'.'.repeat(20_000)}`
    const graph = graphOf(text)
    expect(graph.nodes.length).toBeGreaterThan(1)
    expect(measure(graph, text, segment(text), new Uint8Array(graph.owner.length * 4)).equations).toBe(0)
  })

  const prompt = 'Using the numbers [3, 8, 1], create an equation that equals 24.'
  // Every operation more must not take twice the time.
  it('may reach the target again and again', () => {
    const again = Array.from({ length: 60 }, () => '24 * 1 = 24').join(', ')
    const { work } = attempts(`3 * 8 * 1 = 24, ${again}.\n<answer>3 * 8 * 1</answer>`, prompt)
    expect(work).toHaveLength(62)
    expect(work.at(-1)).toMatchObject({ kind: 'episode', fate: 'answer' })
  })

  it('begin again from the problem, however deep they were', () => {
    const deep = Array.from({ length: 150 }, (_, at) => `${at + 100} + 1000 = ${at + 1100}`).join('\n')
    const { work } = attempts(`${deep}\nTry another:\n3 * 8 = 24`, prompt)
    expect(work).toHaveLength(151)
    expect(work.slice(0, 150).map(({ parent }) => parent)).toEqual(Array.from({ length: 150 }, (_, at) => at))
    expect(work.at(-1)).toMatchObject({ label: '3*8', parent: 0 })
  })

  it('may use every result twice', () => {
    const again = Array.from({ length: 60 }, () => '24 + 24 = 48, 48 - 24 = 24').join(', ')
    const { work } = attempts(`3 * 8 * 1 = 24, ${again}.\n<answer>3 * (8 * 1)</answer>`, prompt)
    expect(work).toHaveLength(122)
    expect(work.at(-1)).toMatchObject({ parent: 1, kind: 'episode', fate: 'answer' })
  })
})

describe('Countdown attempts', () => {
  it('hang from the problem, work step by step, and say what remains', () => {
    const { method, work } = attempts(`Let's try combinations:
Try:
**98 − 96 = 2**
34 − 1 = 33
2 + 33 = 35 ✅
So the correct equation is:
<answer>(98 - 96) + (34 - 1)</answer>`)
    expect(method).toBe('exact')
    expect(
      work.map(({ kind, parent, label, fate, state }) => [kind, parent, label, fate, state?.numbers]),
    ).toEqual([
      ['attempt', 0, '98-96', 'answer', [34, 1, 2]],
      ['operation', 1, '34-1', 'answer', [2, 33]],
      ['operation', 2, '2+33', 'answer', [35]],
      ['episode', 3, expect.stringContaining('correct equation'), 'answer', undefined],
    ])
  })

  it('keep wrong arithmetic as claimed and flag it', () => {
    const { work } = attempts('Try:\n98 − 96 = 3\n3 + 34 = 37 → Too high')
    expect(work[0]).toMatchObject({
      flags: ['wrong_arithmetic'],
      state: { value: 2, claimed: 3, numbers: [34, 1, 3] },
    })
    expect(work[1]).toMatchObject({ parent: 1, fate: 'refuted', state: { numbers: [1, 37] } })
  })

  it('flag numbers that were not there', () => {
    const { work } = attempts('Try:\n**98 − (60 + 3) = 35** → 60 is not available')
    expect(work[0]).toMatchObject({ flags: ['unavailable_numbers'], state: { unavailable: [60, 3] } })
  })

  it('hang a new attempt from the state whose results it uses', () => {
    const { work } = attempts(
      '98 − 96 = 2\n2 + 34 = 36\nTry another:\n2 × 34 = 68 → Too high\nTry:\n34 + 1 = 35',
    )
    expect(work.map(({ label, parent }) => [label, parent])).toEqual([
      ['98-96', 0],
      ['2+34', 1],
      ['2*34', 1],
      ['34+1', 0],
    ])
  })

  it('take an expression written out again below the answer for the answer', () => {
    const { work } = attempts(`Try: (98 − 96) × (34 + 1) = 2 × 35 = 70 → No.

Try: (98 − 96) + (34 − 1) = 2 + 33 = 35 → This works!

So the correct equation is:

98 − 96 + 34 − 1 = 35

<answer>98 − 96 + 34 − 1</answer>`)
    expect(work.map(({ label, parent, fate }) => [label, parent, fate])).toEqual([
      ['(98-96)*(34+1)', 0, 'refuted'],
      ['(98-96)+(34-1)', 0, 'answer'],
      ['So the correct equation is:', 2, 'answer'],
    ])
  })

  it('go on through lines that begin with the equals sign', () => {
    const { work } = attempts(
      'Try:\n**(98 − 96) + (34 − 1)**\n= **2 + 33**\n= **36** → Not 35\nTry:\n**98 − 96**',
    )
    expect(work[0]!.state!.equations!.map(({ left, right, holds }) => [left, right, holds])).toEqual([
      ['(98-96)+(34-1)', '2+33', true],
      ['2+33', '36', false],
    ])
    expect(work[0]).toMatchObject({ fate: 'refuted', state: { value: 35, claimed: 36 } })
  })

  it('stay as they are when the prose around them is cut into other steps', () => {
    const text = `The goal is clear. We have four numbers. Let us begin.
Try:
98 − 96 = 2
2 + 34 = 36 → Too high
Hmm. That did not help. Too bad.
Try:
34 + 1 = 35
Good. Not all numbers are used.`
    const lines: number[] = []
    for (const { index, 0: line } of text.matchAll(/[^\n]+/g)) lines.push(index, index + line.length)
    const shape = (bounds: Uint32Array) => {
      const { nodes } = graphOf(text, { prompt: PROMPT, bounds })
      return nodes.map(({ kind, parent, label, fate, state }) => ({ kind, parent, label, fate, state }))
    }
    const merged = Uint32Array.from(lines)
    const fine = segment(text)
    expect(fine.length).toBeGreaterThan(merged.length)
    expect(shape(fine)).toEqual(shape(merged))
  })

  it('fold a repeated block into one node that counts its rounds', () => {
    const block = 'Try:\n98 − 96 = 2 → Too low\nTry:\n34 + 1 = 35 → Not all used\n'
    const { nodes, loops, owner } = attempts(`Let's go.\n${block.repeat(30)}`)
    expect(loops).toEqual([{ first: 1, period: 4, rounds: 30 }])
    expect(nodes.map(({ kind, count }) => [kind, count])).toEqual([
      ['problem', undefined],
      ['attempt', undefined],
      ['attempt', undefined],
      ['loop', 30],
    ])
    expect(owner.filter((node) => node === 3)).toHaveLength(29 * 4)
  })
})

const RUNS = ['base_8b', 'sft_lora', 'rft', 'dpo', 'grpo']
interface Row {
  prompt: string
  raw_generation: string
}

describe.skipIf(!hasSharedData)('real Countdown runs', () => {
  it.each(RUNS)('%s: every equation is judged as a recomputation judges it', (run) => {
    let compared = 0
    let wrong = 0
    for (const [index, { raw_generation: text }] of jsonLines<Row>(
      'traces/countdown-runs',
      run,
      'eval_samples.jsonl',
    ).entries()) {
      for (const line of text.split('\n')) {
        // Whole numbers only, and lines that hold nothing but one chain: no rounding, nothing to guess.
        const plain = line
          .replaceAll('**', '')
          .replaceAll('−', '-')
          .replaceAll('×', '*')
          .replaceAll('÷', '/')
          .trim()
        if (!/^[\d\s+\-*/()]+(=[\d\s+\-*/()]+)+$/.test(plain) || /^[-*]\s|\d\s+\d/.test(plain)) continue
        const sides = plain.split('=').map((side) => evaluateIndependently(side))
        if (sides.some((side) => side === null)) continue
        const expected = sides.slice(1).map((side, at) => Math.abs(side! - sides[at]!) < 1e-6)
        const found = equations(line).map(({ holds }) => holds)
        if (String(found) !== String(expected))
          expect.fail(`${run} ${index}: ${line}\n${String(found)} ${String(expected)}`)
        compared += expected.length
        wrong += expected.filter((holds) => !holds).length
      }
    }
    expect(compared).toBeGreaterThan(500)
    expect(wrong).toBeGreaterThan(0)
  })

  it('make sound graphs with attempts, most of them exact', () => {
    for (const run of RUNS) {
      const rows = jsonLines<Row>('traces/countdown-runs', run, 'eval_samples.jsonl')
      let exact = 0
      for (const { prompt, raw_generation: text } of rows) {
        const graph = graphOf(text, { prompt })
        expectSound(graph, segment(text))
        if (graph.method === 'exact') exact++
      }
      expect(countdownProblem(rows[0]!.prompt, {})).not.toBeNull()
      expect(exact / rows.length).toBeGreaterThan(0.95)
    }
  })
})

/** Shunting-yard over doubles; shares nothing with the code under test. Null for what is no expression. */
function evaluateIndependently(text: string): number | null {
  const tokens = text.match(/\d+|[-+*/()]/g) ?? []
  const values: number[] = []
  const operators: string[] = []
  const rank: Record<string, number> = { '+': 1, '-': 1, '*': 2, '/': 2, '~': 3 }
  const apply = (): boolean => {
    const operator = operators.pop()!
    const right = values.pop()
    if (operator === '~') return right !== undefined && values.push(-right) > 0
    const left = values.pop()
    if (left === undefined || right === undefined) return false
    values.push(
      { '+': left + right, '-': left - right, '*': left * right, '/': left / right }[operator] ?? NaN,
    )
    return true
  }
  let operand = false
  for (const token of tokens) {
    if (/\d/.test(token)) {
      if (operand) return null
      values.push(Number(token))
      operand = true
    } else if (token === '(') {
      if (operand) return null
      operators.push(token)
    } else if (token === ')') {
      while (operators.length > 0 && operators.at(-1) !== '(') if (!apply()) return null
      if (operators.pop() !== '(' || !operand) return null
    } else if (!operand) {
      if (token !== '-') return null
      operators.push('~')
    } else {
      while (operators.length > 0 && (rank[operators.at(-1)!] ?? 0) >= rank[token]!) if (!apply()) return null
      operators.push(token)
      operand = false
    }
  }
  while (operators.length > 0) if (operators.at(-1) === '(' || !apply()) return null
  return values.length === 1 && Number.isFinite(values[0]) ? values[0]! : null
}
