import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { equivalent, loadLatexParser, type ParseLatex } from '#shared/domain/answers/index.ts'
import { isWithinLimits } from '#shared/domain/answers/latex.ts'

let parse: ParseLatex
beforeAll(async () => {
  parse = await loadLatexParser()
})
const same = (a: string, b: string): boolean => equivalent(a, b, parse).equal

const EQUAL: [string, [string, string][]][] = [
  [
    'numbers',
    [
      ['1,000', '1000'],
      ['10{,}080', '10080'],
      ['3\\cdot10^8', '300000000'],
      ['007', '7'],
      ['+4', '4'],
      ['−5', '-5'],
      ['3.50', '3.5'],
      ['5!', '120'],
    ],
  ],
  [
    'fractions',
    [
      ['\\frac{1}{2}', '0.5'],
      ['\\dfrac12', '1/2'],
      ['-\\frac{5}{12}', '\\frac{-5}{12}'],
      ['3\\frac{1}{2}', '3.5'],
      ['1 1/2', '\\frac32'],
      ['0.\\overline{3}', '\\frac13'],
      ['\\frac{721}{9}', '\\tfrac{1442}{18}'],
    ],
  ],
  [
    'percentages',
    [
      ['50\\%', '0.5'],
      ['50%', '50'],
      ['12.5\\%', '\\frac18'],
      ['50%', '50 percent'],
      ['12\\frac{1}{2}\\%', '0.125'],
      ['12 1/2%', '12.5'],
      ['1,200% ', '12'],
    ],
  ],
  [
    'units',
    [
      ['\\$18', '18'],
      ['18 dollars', '$18.00'],
      ['90^\\circ', '90'],
      ['1.5\\text{ m}', '150 cm'],
      ['42 \\text{ square units}', '42'],
      ['2 hours', '120 minutes'],
      ['3\\text{ m}^2', '30000\\text{ cm}^2'],
      ['12\\,\\text{cm}', '12 cm'],
      ['5 apples', '5'],
      ['26 of them', '26'],
      ['60 mph', '60'],
      ['1\\frac{1}{2}\\text{ hours}', '90 minutes'],
      ['1,500 m', '1 1/2 km'],
      ['3\\times10^8 m', '300000 km'],
      ['5 pi cm', '5\\pi\\text{ cm}'],
      ['2m', '2'],
      ['€5', '5 euros'],
      ['5€', '5'],
    ],
  ],
  [
    'number words',
    [
      ['5 million', '5000000'],
      ['$5 million', '$5000000'],
      ['\\$5\\text{ million}', '5 million dollars'],
      ['2.5 Million people', '2500000'],
      ['5 hundred thousand', '500,000'],
      ['1 1/2 billion', '1500000000'],
      ['3 dozen', '36'],
      // What a problem may ask in.
      ['3 dozen', '3'],
    ],
  ],
  [
    'products that end like a number with a unit',
    [
      ['5 pi', '5\\pi'],
      ['2 sin x', '2\\sin x'],
      ['\\sqrt{2}s', 's\\sqrt{2}'],
      ['2m', 'm + m'],
      ['3+2\\mathrm{i}', '2i+3'],
    ],
  ],
  [
    'intervals',
    [
      ['[0,\\infty)', 'x\\ge 0'],
      ['(-\\infty,3)\\cup(4,5]', '(4,5] \\cup (-\\infty, 3)'],
      ['1 < x \\le 5', '(1,5]'],
      ['x \\in [1,2]', '[1,2]'],
      ['5 \\ge x > 1', '(1, 5]'],
      ['[\\frac12, 1]', '[0.5,1]'],
    ],
  ],
  [
    'sets and lists',
    [
      ['\\{1,2\\}', '\\{2,1\\}'],
      ['1,-2', '-2, 1'],
      ['1 and 2', '2, 1'],
      ['\\{1, 2\\}', '1,2'],
      ['2\\pm\\sqrt3', '2+\\sqrt{3}, 2-\\sqrt{3}'],
      ['x=1 or x=2', '2, 1'],
      ['\\emptyset', '\\{\\}'],
    ],
  ],
  [
    'tuples',
    [
      ['(3, \\frac{\\pi}{2})', '\\left( 3, \\frac{\\pi}{2} \\right)'],
      ['(3, π/2)', '(3,\\dfrac{\\pi}{2})'],
    ],
  ],
  [
    'matrices',
    [
      ['\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}', '\\begin{bmatrix} 1 & 2 \\\\ 3 & 4 \\end{bmatrix}'],
      ['\\begin{pmatrix} 1/2 \\\\ 0 \\end{pmatrix}', '\\begin{pmatrix} 0.5 \\\\ 0 \\end{pmatrix}'],
    ],
  ],
  [
    'expressions',
    [
      ['p-q', 'p - q'],
      ['2\\sqrt{3}', '\\sqrt{12}'],
      ['(x+1)^2', 'x^2+2x+1'],
      ['\\sin^2 x', '1-\\cos^2 x'],
      ['e^{i\\pi}', '-1'],
      ['sqrt(2)/2', '\\frac{\\sqrt{2}}{2}'],
      ['\\frac{\\sqrt[3]{4}}{2}', '2^{-1/3}'],
      ['\\tan^{-1}1', '\\frac{\\pi}{4}'],
      ['\\binom{5}{2}', '10'],
      ['6 - 5i', '-5i+6'],
      ['\\sum_{k=1}^{4} k', '10'],
      ['\\log_2 8', '3'],
    ],
  ],
  [
    'equations',
    [
      ['x=5', '5'],
      ['y=2x+3', '2x+3'],
      ['x+y=1', '2=2x+2y'],
      ['f(x) = x^2', 'x^2'],
    ],
  ],
  [
    'text',
    [
      ['\\text{Evelyn}', 'Evelyn'],
      ['the East', '\\text{east}'],
      ['Monday.', 'monday'],
      ['\\text{New} York', 'New York'],
      ['twenty-one', 'Twenty one'],
      ['"No!"', 'no'],
      ['the dog’s', "dog's"],
      ['(Evelyn)', '**Evelyn**'],
    ],
  ],
]

const DIFFERENT: [string, string][] = [
  ['0.33', '\\frac13'],
  ['3.14', '\\pi'],
  ['1.414213562', '\\sqrt2'],
  ['(1,2)', '(2,1)'],
  ['(1,2)', '[1,2]'],
  ['5 m', '5 cm'],
  ['5 apples', '5 pears'],
  ['4 apples', '5 apples'],
  ['x^2', 'x^3'],
  ['\\sqrt{x^2}', 'x'],
  ['1,2', '1,2,3'],
  ['1,1,2', '1,2,2'],
  ['5', '-5'],
  ['A', 'B'],
  ['Evelyn', 'Briana'],
  ['\\infty', '5'],
  ['\\infty', '-\\infty'],
  ['f(x)', 'fx'],
  ['x<3', 'x\\le 3'],
  ['50\\%', '5'],
  ['50\\%', '0.05'],
  ['\\frac{1}{2}', '2'],
  ['\\text{east}', '\\text{west}'],
  ['12', '1,2'],
  ['', ''],
  ['x=1', 'y=2'],
  ['x+y=1', 'x+y=2'],
  ['\\begin{pmatrix}1&2\\end{pmatrix}', '\\begin{pmatrix}2&1\\end{pmatrix}'],
  ['\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}', '\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}'],
  ['[1,2]\\cup[3,4]', '[1,2]'],
  ['10^{16}+1', '10^{16}'],
  ['\\frac{1}{0}', '\\frac{2}{0}'],
  // Letters and words behind a number that are no unit
  ['\\pi r^2 h', '\\pi r^2'],
  ['\\frac{1}{2}(a+b)h', '\\frac{1}{2}(a+b)'],
  ['4 xy', '4'],
  ['4s^2', '4'],
  ['2 sin x', '2'],
  ['5 pi', '5'],
  ['5 squared', '5'],
  ['3+2\\mathrm{i}', '5'],
  ['5 million', '5'],
  ['5\\text{ million}', '5'],
  ['$5 million', '$5 billion'],
  ['$5 million', '$5'],
  ['€5', '$5'],
  ['£5', '5 dollars'],
  ['12\\frac{1}{2}\\%', '0.06'],
  ['1\\frac{1}{2}\\text{ hours}', '30 minutes'],
  // Not comparable as mathematics, and the same words but for a sign
  ['f(x)-3', 'f(x)+3'],
  ['f(2)', '-f(2)'],
  ["f'(2)", 'f(2)'],
  ['n!-1', 'n!+1'],
  ['n!/2', 'n!*2'],
  ['n!', 'n'],
  ['200!-1', '200!+1'],
  ['p ∧ q', 'p ∨ q'],
  ['¬p', 'p'],
  ['1:2', '1.2'],
  ['a<b<c<d', 'a>b>c>d'],
]

describe('equivalence', () => {
  it.each(EQUAL)('finds equal %s equal, both ways', (_, pairs) => {
    for (const [a, b] of pairs) {
      expect(same(a, b), `${a} = ${b}`).toBe(true)
      expect(same(b, a), `${b} = ${a}`).toBe(true)
    }
  })

  it.each(DIFFERENT)('tells %s from %s, both ways', (a, b) => {
    expect(same(a, b)).toBe(false)
    expect(same(b, a)).toBe(false)
  })

  it('is symmetric on everything', () => {
    const all = [...EQUAL.flatMap(([, pairs]) => pairs.flat()), ...DIFFERENT.flat()]
    const token = fc.constantFrom(
      ...'12x,.()[]{}+-=/^%$ '.split(''),
      '\\frac',
      '\\sqrt',
      '\\pi',
      '\\text{m}',
      '\\{',
      '\\}',
      '\\cup',
      '\\pm',
      '<',
      'cm',
    )
    const text = fc.oneof(
      fc.constantFrom(...all),
      fc.array(token, { maxLength: 12 }).map((tokens) => tokens.join('')),
    )
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [there, back] = [equivalent(a, b, parse), equivalent(b, a, parse)]
        expect(there).toEqual(back)
      }),
      { numRuns: 3000, seed: 7 },
    )
  })

  it('holds for a value written in several ways, and for no other value', () => {
    const fraction = fc.tuple(fc.integer({ min: -999, max: 999 }), fc.integer({ min: 1, max: 99 }))
    const forms = ([n, d]: [number, number]) => [
      `\\frac{${n}}{${d}}`,
      `${n}/${d}`,
      `\\dfrac{${3 * n}}{${3 * d}}`,
      `x = ${n}/${d}`,
      `$\\frac{${n}}{${d}}$`,
    ]
    fc.assert(
      fc.property(fraction, fraction, fc.nat(4), fc.nat(4), (a, b, i, j) => {
        expect(same(forms(a)[i]!, forms(b)[j]!)).toBe(a[0] * b[1] === b[0] * a[1])
      }),
      { numRuns: 500, seed: 7 },
    )
  })

  it('says why', () => {
    expect(equivalent('\\frac12', '0.5', parse)).toEqual({
      equal: true,
      decided: true,
      reason: 'equal in value',
    })
    expect(equivalent('2', '3', parse)).toEqual({ equal: false, decided: true, reason: 'different values' })
    expect(equivalent('a red ball', 'a green ball', parse)).toMatchObject({ equal: false, decided: false })
  })
})

describe('hostile input', () => {
  const nested: [string, (n: number) => string][] = [
    ['brackets', (n) => `${'['.repeat(n)}x${']'.repeat(n)}`],
    ['bars', (n) => '\\left|x'.repeat(n)],
    ['braces', (n) => `${'{'.repeat(n)}x${'}'.repeat(n)}`],
    ['fractions', (n) => `${'\\frac{1}{'.repeat(n)}x${'}'.repeat(n)}`],
    ['powers', (n) => `${'9^{'.repeat(n)}9${'}'.repeat(n)}`],
    ['factorials', (n) => `9${'!'.repeat(n)}`],
    ['digits', (n) => '9'.repeat(n)],
    ['sums', (n) => `${'\\sum_{k=1}^{999}'.repeat(n)}k`],
    ['commas', (n) => '1,'.repeat(n)],
    ['cups', (n) => '[1,2]\\cup'.repeat(n)],
    ['plus-minus', (n) => '\\pm 1'.repeat(n)],
    ['boxes', (n) => '\\boxed{'.repeat(n)],
    ['parentheses', (n) => '('.repeat(n)],
    ['spaces', (n) => `1${' '.repeat(n)}2`],
  ]
  it.each(nested)('%s cost little', (_, make) => {
    const started = performance.now()
    for (const n of [3, 6, 12, 24, 200, 5000]) {
      const text = make(n)
      expect(typeof same(text, `${text}+1`)).toBe('boolean')
      expect(typeof same(text, '5')).toBe('boolean')
    }
    expect(performance.now() - started).toBeLessThan(3000)
  })

  it('no random run of LaTeX tokens holds the parser for long', () => {
    const tokens = [
      '[',
      ']',
      '(',
      ')',
      '{',
      '}',
      '|',
      '\\left|',
      '\\right|',
      '\\left(',
      '\\right)',
      '\\frac',
      '\\sqrt',
      '\\sqrt[3]',
      '^',
      '_',
      'x',
      '2',
      '+',
      '-',
      '=',
      ',',
      '\\sum',
      '\\int',
      '\\lim',
      '\\sin',
      '\\log',
      '\\{',
      '\\}',
      '\\text{a}',
      '\\begin{matrix}',
      '\\end{matrix}',
      '&',
      '\\\\',
      '!',
      "'",
      '\\|',
      '\\langle',
      '\\rangle',
      '\\lfloor',
      '\\binom',
      ' ',
    ]
    let worst = 0
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...tokens), { minLength: 1, maxLength: 90 }), (parts) => {
        const text = parts.join('')
        if (!isWithinLimits(text)) return
        const started = performance.now()
        parse(text)
        worst = Math.max(worst, performance.now() - started)
      }),
      { numRuns: 3000, seed: 11 },
    )
    expect(worst).toBeLessThan(500)
  })
})
