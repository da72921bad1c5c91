import { describe, expect, it } from 'vitest'
import { stepsOf } from './read-steps.ts'

/** One text a row; ⏸ marks where one step ends and the next begins (it is not part of the text). */
const EXAMPLES: Record<string, readonly string[]> = {
  'sentences and lines': [
    'It rains. ⏸The road is wet? ⏸Yes! ⏸Good.',
    'First line⏸\nsecond line⏸\r\nthird line⏸\n\n   indented',
    'Then:⏸\n2x = t,⏸\n3y = t.',
    'Wait, no. ⏸Hmm... ⏸Let me think... ⏸Okay.',
    'a sentence without an end',
    'He waits...and goes on... but slowly.',
    'Try: (3 + 4) * 2 = 14. ⏸Not 24.',
  ],
  numbers: [
    'Pi is 3.14 and e is 2.718. So the sum is 5.858.',
    'We get 1,000.5 dollars. ⏸Wait, that is too much.',
    '2 - 284 = 220. ⏸But 220 is not prime.',
    'Its formula is CO2. ⏸Plants take it up.',
    'About 50.6%. ⏸That seems high.',
    'C(5,2) = 5! / (2! * 3!) = 10.',
    'n! grows fast! ⏸It beats exponentials.',
  ],
  'lists and numbered items': [
    '1. Compute the sum.⏸\n2. Divide. ⏸Then round.⏸\n   a. Down.⏸\n   iv. Up.',
    '**1. Find x.** ⏸It is small.',
    '- First item. ⏸More.⏸\n* Second item.⏸\n+ Third.',
    '### Step 2. Let us divide.',
    '10. Check: it holds.',
  ],
  abbreviations: [
    'Use e.g. Fig. 3, i.e. the plot of Dr. Smith vs. Prof. Jones.',
    'By Eq. (2) it is approx. Two.',
    'See No. 7 there. ⏸No. ⏸It fails.',
    'Wait, no. ⏸4*5 is 20.',
    'J. R. Tolkien of the U.S. Army wrote it. ⏸We read it.',
    'Apples, pears, etc. ⏸But no nuts.',
    'Apples, pears, etc. Anna likes them.',
  ],
  'addresses, files, versions': [
    'See https://example.org/a.b?c=d. ⏸Then run main.py with v1.2.3. ⏸Wait.',
    'Open README.md now! ⏸It helps.',
  ],
  'quotes, brackets and emphasis after a terminator': [
    'He said "stop." ⏸Then left (fast.) ⏸**It ends.** ⏸Next.',
    'Is it "shot"? ⏸A shot is a take.',
    'The "why?" of it all.',
    '“Enough.” ⏸She went.',
  ],
  'inline math': [
    'Let $x = 1. Y$ be so. ⏸Then \\(a. B\\) holds.',
    'It costs $5. ⏸But she pays $6. ⏸Okay.',
    'Open $x and no end. ⏸Then more. ⏸\nAnd $y$ too.',
    'Let \\(x. ⏸Y and no end. ⏸Then more.⏸\n\nEnd \\) here. ⏸Done.',
  ],
  'display math': [
    'So:⏸\n$$\nx = 1. \\\\\nY = 2\n$$⏸\nDone.',
    '\\[\na = b. \\\\[2pt]\nC = d\n\\]⏸\nDone.',
    '\\begin{align}\na &= b. \\\\\n\\begin{cases}\n1\n\\end{cases}\n\\end{align}⏸\nDone.',
    '$$⏸\nx = 1⏸\n\nNever closed. ⏸It goes on.⏸\n\n$$⏸\ny',
    '\\[ never closed. ⏸It goes on.⏸\n\nNew paragraph \\] here. ⏸End.',
    '\\begin{align} open. ⏸Still text.⏸\n\nMore \\end{align} text. ⏸End.',
  ],
  'fenced code': [
    'Code:⏸\n```python\nx = 1. # A. B\n\nprint(x)\n```⏸\nDone.',
    '  ~~~\n  a\n  b\n  ~~~⏸\nDone.',
    '```js⏸\nx = 1⏸\n\nNever closed. ⏸It goes on.',
    'Use `a. B` and ``c. D ` E`` here. ⏸Or ` this. ⏸Done.⏸\nMore ` here. ⏸End.',
  ],
  tables: ['| a | b. C |⏸\n|---|---|⏸\n| It is. So | 2 |⏸\nAfter. ⏸It.'],
  tags: [
    '<think>⏸\nOkay, so. ⏸Fine.⏸\n</think>⏸\n<answer>(1 + 2) * 3</answer>',
    '<think>⏸Hmm. ⏸No.⏸</think>⏸The answer is x.',
    'So ⏸<answer>42</answer>⏸ and more.',
    'x <y and y> z. ⏸No tags.',
    'Done.⏸<|im_end|>⏸\nMore',
  ],
  'stream of search': [
    'Current State: 24:[1, 2], Operations: []⏸\nGenerated Node #0,1: 24:[3] Operation: 1+2=3⏸\nMoving to Node #0,1⏸\n3,24 unequal: No Solution',
  ],
  'countdown attempts': [
    'Try:⏸  \n**(92 + 82) − (62 + 20)**⏸  \n= **174 − 82**⏸  \n= **92**⏸\n\n✅ This works!',
    '= **60 − 8.333...** → Not an integer',
  ],
  'other scripts': [
    '我们先算。⏸然后再验证！⏸对吗？⏸“对。”⏸好',
    'هل هذا صحيح؟ ⏸نعم هو صحيح۔ ⏸تمام',
    'यह सही है। ⏸आगे बढ़ें।',
    'Это так. ⏸Дальше.',
    'Τέλος. ⏸Θέμα.',
    'Это т. д. и т. п. ⏸Да.',
  ],
  edges: [
    'It holds. -',
    'It holds. *',
    '+।⏸ .',
    '.',
    '...',
    '$',
    '\\',
    '\ud800. ⏸\udc00',
    '\u0000',
    '\u{1f600}! ⏸\u{1f600}',
  ],
}

describe('segment, by example', () => {
  for (const [feature, texts] of Object.entries(EXAMPLES)) {
    describe(feature, () => {
      it.each(texts)('%s', (marked) => {
        const expected = marked.split('⏸').map((step) => step.trim())
        expect(stepsOf(marked.replaceAll('⏸', ''))).toEqual(expected)
      })
    })
  }

  it.each(['', ' ', '\n\n', ' \u00a0\u2028\ufeff\t'])('no step in %j', (text) => {
    expect(stepsOf(text)).toEqual([])
  })
})
