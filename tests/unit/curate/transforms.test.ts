import { describe, expect, it } from 'vitest'
import { chatTemplate, handbook, partsOf, transform, WORD_COUNTER } from '#shared/domain/curate/index.ts'
import { CONTEXT, generated, subject } from './traces.ts'

const apply = (transforms: Parameters<typeof transform>[1], given = {}) =>
  transform(subject(given), transforms, CONTEXT)

describe('thought and answer', () => {
  it('are told apart with and without tags', () => {
    const slice = (text: string) => {
      const { thought, rest } = partsOf(text)
      return [text.slice(thought.start, thought.end), text.slice(rest.start, rest.end)]
    }
    expect(slice('<think> a b </think>\nThe end')).toEqual(['a b', 'The end'])
    expect(slice('a b </think> end')).toEqual(['a b', 'end'])
    expect(slice('So 1+1.\n<answer>2</answer> wait\n<answer>3</answer>')).toEqual([
      'So 1+1.\n<answer>2</answer> wait',
      '<answer>3</answer>',
    ])
    expect(slice('We add.\n\nThe answer is \\boxed{2}.')).toEqual(['We add.', 'The answer is \\boxed{2}.'])
    expect(slice('No end in sight')).toEqual(['No end in sight', ''])
  })

  it('are normalised, stripped and unwrapped', () => {
    const response = 'Add them.  \n\n<answer>2</answer>\n'
    expect(apply([{ think: 'normalise' }], { response })?.text).toBe(
      '<think>\nAdd them.\n</think>\n<answer>2</answer>',
    )
    expect(apply([{ think: 'strip' }], { response })?.text).toBe('<answer>2</answer>\n')
    expect(apply([{ think: 'unwrap' }])?.text).toBe('One and one.\nThat is two.\n\n<answer>2</answer>')
    expect(apply([{ think: 'normalise' }], { response: 'Never ends' })).toBeNull()
  })
})

describe('a replaced thought', () => {
  it('is empty as in the reference', () => {
    expect(apply([{ replace_thought: { with: 'nothing' } }])?.text).toBe(
      '<think> </think>\n<answer>2</answer>',
    )
  })

  it('has as many tokens of filler as it had', () => {
    for (const { response } of generated({ count: 20, seed: '3' })) {
      const { thought } = partsOf(response)
      const wanted = WORD_COUNTER.count(response.slice(thought.start, thought.end))
      const text = apply([{ replace_thought: { with: 'filler' } }], { response })!.text
      const dots = /<think>\n([ .]+)\n<\/think>/.exec(text)![1]!
      expect(dots.split('.').length - 1).toBe(wanted)
    }
  })
})

describe('steps', () => {
  const labelled = {
    response: 'Plan it. Try 3. No. Try 2.\n<answer>2</answer>',
    metadata: {
      cairn_labels: {
        steps: [
          [0, 8],
          [9, 15],
          [16, 19],
          [20, 26],
          [27, 45],
        ],
        annotations: [
          { step: 0, start: 0, end: 8, behaviours: ['subgoal_setting'] },
          { step: 2, start: 16, end: 19, behaviours: ['verification'] },
          { step: 3, start: 20, end: 26, behaviours: ['backtracking'] },
        ],
      },
    },
  }

  it('are masked by behaviour, or left out', () => {
    expect(apply([{ mask: { behaviours: ['verification'], with: '[…]' } }], labelled)?.text).toBe(
      'Plan it. Try 3. […] Try 2.\n<answer>2</answer>',
    )
    expect(
      apply([{ mask: { behaviours: ['verification', 'subgoal_setting'], with: '' } }], labelled)?.text,
    ).toBe('Try 3. Try 2.\n<answer>2</answer>')
  })

  it('are where a text is truncated or cut', () => {
    expect(apply([{ truncate: { before_first: 'backtracking' } }], labelled)?.text).toBe(
      'Plan it. Try 3. No.',
    )
    expect(apply([{ truncate: { steps: 2 } }], labelled)?.text).toBe('Plan it. Try 3.')
    expect(apply([{ truncate: { characters: 18 } }], labelled)?.text).toBe('Plan it. Try 3.')
    const cut = apply([{ cut: { before_first: 'backtracking' } }], labelled)!
    expect([cut.partial, cut.text]).toEqual(['Plan it. Try 3. No. ', 'Try 2.\n<answer>2</answer>'])
  })

  it('of failed branches go, the way to the answer stays', () => {
    let shorter = 0
    for (const one of generated({ count: 40, seed: '5', behaviours: [['backtracking']] })) {
      const all = subject(one)
      const { text } = transform(all, [{ branches: 'drop_failed' }], CONTEXT)!
      if (text.length < one.response.length) shorter++
      expect(text).toContain(/<answer>.*<\/answer>/.exec(one.response)![0])
      // Everything that is left was there before, in the same order.
      let from = 0
      for (const line of text.split('\n').filter((part) => part.trim() !== '')) {
        const at = one.response.indexOf(line.slice(0, 12), from)
        expect(at).toBeGreaterThanOrEqual(0)
        from = at
      }
    }
    expect(shorter).toBeGreaterThan(36)
  })
})

describe('a system message', () => {
  it('tells of the behaviours of the row, by the handbook of the recipe', () => {
    const [one] = generated({ count: 1, behaviours: [['backtracking']] })
    const context = { ...CONTEXT, handbook: handbook({ backtracking: 'Turn round at $& dead ends.' }) }
    const draft = transform(subject(one), [{ system: 'Use {behaviours}:\n{handbook}' }], context)!
    expect(draft.messages).toEqual([
      { role: 'system', content: 'Use backtracking:\n- backtracking: Turn round at $& dead ends.' },
      { role: 'user', content: one!.prompt },
    ])
  })
})

describe('chat templates', () => {
  const TEMPLATE =
    '{{ bos_token }}{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}'
  const file = { chat_template: { file: 'chat.jinja' } }

  it('render the prompt up to where the response begins', () => {
    const config = JSON.stringify({ bos_token: { content: '<s>' }, chat_template: TEMPLATE })
    const context = {
      ...CONTEXT,
      templates: new Map([['chat.jinja', chatTemplate(config, 'tokenizer_config.json')]]),
    }
    const draft = transform(subject({ prompt: 'Hi' }), [{ system: 'Show {behaviours}.' }, file], context)!
    expect(draft.prompt).toBe('<s><|system|>Show none.<|user|>Hi<|assistant|>')
    expect(draft.messages).toBeNull()
  })

  it('that fail say which file', () => {
    expect(() => chatTemplate('{% for %}', 'broken.jinja')).toThrow(/broken\.jinja/)
    expect(() => chatTemplate('{"a": 1}', 'config.json')).toThrow(/no chat_template/)
    const refuses = chatTemplate("{{ raise_exception('no system role') }}", 'strict.jinja')
    expect(() => refuses([{ role: 'system', content: '' }])).toThrow(/strict\.jinja fails: .*no system role/)
  })
})
