import { describe, expect, it } from 'vitest'
import { chatTemplate, transform } from '#shared/domain/curate/index.ts'
import { CONTEXT, subject } from './traces.ts'

/**
 * Templates in the manner of models that people train, written for these tests: what they do with roles, blanks,
 * generation prompts and think tags is what Hugging Face's own rendering (trim_blocks, lstrip_blocks) makes of theirs.
 */
const CHATML = `{%- for message in messages %}
    {{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
`
const QWEN = `{%- if tools %}
    {{- 'never reached' }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\nYou are a careful helper.<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}`
const LLAMA = `{%- set loop_messages = messages %}
{%- if not date_string is defined %}
    {%- set date_string = strftime_now("%d %b %Y") %}
{%- endif %}
{%- for message in loop_messages %}
    {%- set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' %}
    {%- if loop.index0 == 0 %}
        {%- set content = bos_token + 'Today Date: ' + date_string + '\\n' + content %}
    {%- endif %}
    {{- content }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}`
const MISTRAL = `{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content'] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('roles must alternate user/assistant') }}
    {%- endif %}
    {%- if message['role'] == 'user' %}
        {%- if loop.last and system_message is defined %}
            {{- '[INST] ' + system_message + '\\n\\n' + message['content'] + '[/INST]' }}
        {%- else %}
            {{- '[INST] ' + message['content'] + '[/INST]' }}
        {%- endif %}
    {%- else %}
        {{- ' ' + message['content'] + eos_token }}
    {%- endif %}
{%- endfor %}`
const REASONER = `{% set ns = namespace(system='') %}{% for m in messages if m.role == 'system' %}{% set ns.system = m.content %}{% endfor %}{{ bos_token }}{{ ns.system }}{% for m in messages %}{% if m.role == 'user' %}<|User|>{{ m.content }}{% elif m.role == 'assistant' %}<|Assistant|>{{ m.content.split('</think>')[-1] }}{{ eos_token }}{% endif %}{% endfor %}{% if add_generation_prompt %}<|Assistant|><think>
{% endif %}`

const TALK = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: '<think>x</think>Hello.' },
  { role: 'user', content: ' 1 + 1? ' },
]
const ASK = [{ role: 'user', content: 'Hi' }]
const render = (template: string) =>
  chatTemplate(
    JSON.stringify({ bos_token: '<s>', eos_token: { content: '</s>' }, chat_template: template }),
    'tokenizer_config.json',
  )

describe('chat templates of model families', () => {
  it('ChatML', () => {
    expect(render(CHATML)(ASK)).toBe('<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n')
  })

  it('Qwen: a system turn of its own unless there is one, no thought opened', () => {
    const system = '<|im_start|>system\n'
    const asked = '<|im_start|>user\nHi<|im_end|>\n'
    expect(render(QWEN)(ASK)).toBe(
      `${system}You are a careful helper.<|im_end|>\n${asked}<|im_start|>assistant\n`,
    )
    expect(render(QWEN)(TALK.slice(0, 2))).toBe(
      `${system}Be brief.<|im_end|>\n${asked}<|im_start|>assistant\n`,
    )
  })

  it('Llama: headers, trimmed content, and the same date every day', () => {
    const turn = (role: string, content: string) =>
      `<|start_header_id|>${role}<|end_header_id|>\n\n${content}<|eot_id|>`
    expect(render(LLAMA)([TALK[1]!, TALK[2]!, TALK[3]!])).toBe(
      `<s>Today Date: 26 Jul 2024\n${turn('user', 'Hi')}${turn('assistant', '<think>x</think>Hello.')}${turn('user', '1 + 1?')}<|start_header_id|>assistant<|end_header_id|>\n\n`,
    )
  })

  it('Mistral: no system role of its own, turns that alternate', () => {
    expect(render(MISTRAL)(TALK)).toBe(
      '<s>[INST] Hi[/INST] <think>x</think>Hello.</s>[INST] Be brief.\n\n 1 + 1? [/INST]',
    )
    expect(() => render(MISTRAL)([ASK[0]!, ASK[0]!])).toThrow(/must alternate/)
  })

  it('of a reasoner: old thoughts left out, the new one opened once', () => {
    const prompt = '<s>Be brief.<|User|>Hi<|Assistant|>Hello.</s><|User|> 1 + 1? <|Assistant|><think>\n'
    expect(render(REASONER)(TALK)).toBe(prompt)
    const context = { ...CONTEXT, templates: new Map([['t', render(REASONER)]]) }
    const response = '<think>\nOne and one.\n</think>\n<answer>2</answer>'
    const [opened, other] = ['t', 'q'].map((file) =>
      transform(subject({ messages: TALK, response }), [{ chat_template: { file } }], {
        ...context,
        templates: new Map([...context.templates, ['q', render(QWEN)]]),
      }),
    )
    expect(opened!.prompt + opened!.text).toBe(`${prompt}One and one.\n</think>\n<answer>2</answer>`)
    expect(other!.text).toBe(response)
  })
})
