import { firstEndingAfter } from '#shared/domain/sorted.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { finalAnswer } from '#renderer/features/trace/answer.ts'
import { copyAs, type Copied } from '#renderer/features/trace/copy.ts'
import { compileFind, findAll, type FindQuery } from '#renderer/features/trace/find-pattern.ts'
import { findFormulas } from '#renderer/features/trace/formulas.ts'
import { messageParts } from '#renderer/features/trace/message-parts.ts'
import { layoutStrip, layoutTicks } from '#renderer/viz/strip-layout.ts'
import { fromInterchange } from '#shared/domain/interchange/read.ts'

function hits(text: string, query: Partial<FindQuery>): string[] {
  const pattern = compileFind({ text: '', kind: 'plain', matchCase: false, ...query })
  if (pattern === null) return []
  const { hits: found } = findAll(text, pattern, 1000)
  return Array.from({ length: found.length / 2 }, (_, at) => text.slice(found[at * 2], found[at * 2 + 1]))
}

describe('finding', () => {
  it('takes every character as it is, in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary', minLength: 1 }), (a, needle) => {
        fc.pre(/\S/u.test(needle) && needle.isWellFormed())
        expect(hits(`${a} ${needle} `, { text: needle, matchCase: true }).length).toBeGreaterThan(0)
      }),
    )
  })

  it('goes over line breaks, and minds case only when asked', () => {
    expect(hits('Wait,\n  no. WAIT', { text: 'wait' })).toEqual(['Wait', 'WAIT'])
    expect(hits('Wait,\n  no. WAIT', { text: 'WAIT', matchCase: true })).toEqual(['WAIT'])
    expect(hits('Wait,\n  no.', { text: 'wait, no' })).toEqual(['Wait,\n  no'])
  })

  it('takes patterns, leaves out empty hits, and says what cannot be read', () => {
    expect(hits('a1 b22 c', { text: String.raw`\d*`, kind: 'regex' })).toEqual(['1', '22'])
    expect(hits('a-b', { text: String.raw`a\-b`, kind: 'regex' })).toEqual(['a-b'])
    expect(() => compileFind({ text: '(', kind: 'regex', matchCase: false })).toThrow(SyntaxError)
  })

  it('finds the words of a full-text query as the index would', () => {
    const text = 'Wait, waiting. Let me re-check: "check again" don’t'
    expect(hits(text, { text: 'wait', kind: 'words' })).toEqual(['Wait'])
    expect(hits(text, { text: 'wait*', kind: 'words' })).toEqual(['Wait', 'wait'])
    expect(hits(text, { text: '"check again" NOT wait', kind: 'words' })).toEqual(['check again'])
    expect(hits(text, { text: '( OR ) "', kind: 'words' })).toEqual([])
  })

  it('stops at its limit, and knows the hit after an offset', () => {
    const found = findAll('aaaa', /a/g, 3)
    expect(found).toEqual({ hits: Uint32Array.of(0, 1, 1, 2, 2, 3), more: true })
    expect([0, 1, 2, 3].map((offset) => firstEndingAfter(found.hits, offset))).toEqual([0, 1, 2, 3])
  })
})

describe('formulas', () => {
  const tex = (text: string) => findFormulas(text).map((one) => one.tex)

  it('are found between all the usual delimiters', () => {
    const text = String.raw`\(a\) \[b\] $c$ $$d$$ \begin{align*}e &= f \\[2pt] g\end{align*} \(\boxed{7}\)`
    expect(tex(text)).toEqual([
      'a',
      'b',
      'c',
      'd',
      String.raw`\begin{align*}e &= f \\[2pt] g\end{align*}`,
      String.raw`\boxed{7}`,
    ])
    expect(findFormulas(text).map(({ display }) => display)).toEqual([false, true, false, true, true, false])
  })

  it('are not prices, code, or dollars that are escaped', () => {
    expect(tex('It costs $5 and then $10 more, or $3-$4.')).toEqual([])
    expect(tex('He paid $20 for x=3 apples and got $5')).toEqual([])
    expect(tex('Pay $1,000 a month or $200/week; that is a+b$')).toEqual([])
    expect(tex(String.raw`\$x\$ and \\(y\\)`)).toEqual([])
    expect(tex('```\nlabel("$x$")\n``` $y$ [asy] $z$ [/asy]')).toEqual(['y'])
    expect(tex(`$${'x+'.repeat(2000)}$`)).toEqual([])
  })

  it('lie in the text, in order, without overlap', () => {
    const part = fc.constantFrom('$', '$$', '\\(', '\\)', '\\[', '\\]', '\\\\', 'x', ' ', '5', '\n', '=', '`')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        const text = parts.join('')
        let last = 0
        for (const one of findFormulas(text)) {
          expect(one.start).toBeGreaterThanOrEqual(last)
          expect(text.slice(one.start, one.end)).toContain(one.tex)
          last = one.end
        }
        expect(last).toBeLessThanOrEqual(text.length)
      }),
    )
  })
})

describe('the final answer', () => {
  it('is the last that is marked as such, whole', () => {
    const text = String.raw`\boxed{1} so <answer> 2 </answer> no, \boxed{\frac{3}{\}4}} done`
    const answer = finalAnswer(text)!
    expect(answer.text).toBe(String.raw`\frac{3}{\}4}`)
    expect(text.slice(answer.start, answer.end)).toBe(String.raw`\boxed{\frac{3}{\}4}}`)
    expect(finalAnswer('<answer>2</answer>')?.text).toBe('2')
    expect(finalAnswer('\\boxed{never closed')).toBeNull()
  })
})

describe('copying', () => {
  const response = 'One 😀.  Two. Three.'
  const detail = {
    row: { id: 3, run: 'r', checkpoint: null, key: 'k', sample: null, correct: true, prompt: 'Why?' },
    messages: null,
    response,
    reference: '42',
    textHash: 'a'.repeat(64),
    bounds: Uint32Array.of(0, 7, 9, 13, 14, 20),
    segmenter: 1,
    prediction: {
      model: 'm',
      version: '1',
      thresholds: [0.5, 0.5, 0.5, 0.5],
      probabilities: Float32Array.of(0.75, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    },
  } as unknown as Copied['detail']
  const label = {
    id: 1,
    traceId: 3,
    start: 9,
    end: 13,
    behaviour: 'backtracking',
    verdict: 'absent',
    annotator: 'ada',
    at: '2026-01-01T00:00:00.000Z',
    textHash: 'a'.repeat(64),
    target: { start: 0, end: 7 },
    note: '',
  } as const
  const own: Copied['own'] = {
    labels: [{ start: 9, end: 13, behaviour: 'unit check', verdict: 'present', annotator: 'ada', at: null }],
    predictions: [
      {
        ...{ behaviour: 'states a result', model: 'm', modelVersion: '1', version: 1, threshold: 0.5 },
        ...{ steps: 1, episodes: 1, probabilities: Float32Array.of(0, 0.25, 0.75) },
      },
    ],
  }
  const trace: Copied = { detail, labels: [label], thresholds: [0.5, 0.5, 0.5, 0.5], own }

  it('gives the text as it is', () => {
    expect(copyAs('text', trace, null)).toBe(response)
    expect(copyAs('text', trace, { start: 4, end: 6 })).toBe('😀')
  })

  it('tells labels and predictions apart in Markdown', () => {
    const text = copyAs('markdown', trace, null)
    expect(text).toContain('## Prompt\n\nWhy?')
    expect(text).toContain('One 😀.\n\n> Step 1: verification (predicted, 0.75)')
    expect(text).toContain(
      'Two.\n\n> Step 2: **backtracking** (rejected by ada); **unit check** (labelled by ada)',
    )
    expect(text).toContain('Three.\n\n> Step 3: states a result (predicted, 0.75)')
    expect(copyAs('markdown', trace, { start: 14, end: 20 })).not.toContain('One')
  })

  it('gives JSON that can be read back, whole or in part', () => {
    const whole = fromInterchange(JSON.parse(copyAs('json', trace, null)))
    expect(whole.response).toBe(response)
    expect(whole.annotations[0]).toMatchObject({ start: 9, end: 13, target: { start: 0, end: 7 } })
    const part = JSON.parse(copyAs('json', trace, { start: 9, end: 20 })) as { excerpt_of: unknown }
    expect(part.excerpt_of).toEqual({ text_hash: 'a'.repeat(64), start: 8 })
    const read = fromInterchange(part)
    expect(read.response).toBe('Two. Three.')
    expect([...read.bounds!]).toEqual([0, 4, 5, 11])
    expect(read.annotations[0]).toMatchObject({ start: 0, end: 4, target: null })
    expect(read.own.labels).toMatchObject([{ behaviour: 'unit check', start: 0, end: 4 }])
    expect([...read.own.predictions[0]!.probabilities]).toEqual([0.25, 0.75])
  })
})

describe('long prompts', () => {
  it('are cut at line breaks only, and keep every character', () => {
    const line = fc.string({ maxLength: 30 }).map((text) => text.replaceAll('\n', ''))
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 40 }), fc.nat(150), (lines, times) => {
        const content = lines.map((text) => text.repeat(times)).join('\n')
        const [message] = messageParts([{ role: 'user', content }])
        expect(message?.parts.join('\n') ?? '').toBe(content)
      }),
    )
  })
})

describe('the strip', () => {
  it('knows the densest place of each row, and rejections from labels', () => {
    const layout = layoutStrip(Uint32Array.of(0, 10, 10, 11, 50, 100), 100, 1, 10, (step) =>
      step === 1 ? 'person' : step === 2 ? 'denied' : null,
    )
    expect(layout.peaks[0]).toBeCloseTo(0.1)
    expect(layout.denied[7]).toBe(1)
    expect(layout.person[1]).toBeCloseTo(0.1)
  })

  it('has one tick for a column, however many hits are in it', () => {
    expect(layoutTicks(Uint32Array.of(0, 1, 2, 3, 95, 99), 100, 10)).toEqual([0, 9])
  })
})
