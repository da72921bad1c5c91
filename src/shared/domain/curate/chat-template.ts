import { Template } from '@huggingface/jinja'
import { CairnError } from '../../errors.ts'
import type { RenderChat } from './transforms.ts'

/**
 * A model's chat template, from a Jinja file (`chat_template.jinja`) or a `tokenizer_config.json` that holds one.
 * @param text of the file
 * @param name of the file, for messages
 * @throws CairnError `bad_request` when there is no template, or it cannot be read; and when it refuses a conversation
 */
export function chatTemplate(text: string, name: string): RenderChat {
  const { template, tokens } = templateOf(text, name)
  const fail = (cause: unknown): CairnError =>
    new CairnError(
      'bad_request',
      `The chat template in ${name} fails: ${(cause as Error).message}`,
      { file: name },
      { cause },
    )
  let compiled: Template
  try {
    // The parser's own function of this name tells the real day.
    compiled = new Template(template.replace(/\bstrftime_now\b/g, 'fixed_day'))
  } catch (cause) {
    throw fail(cause)
  }
  return (messages) => {
    try {
      return compiled.render({
        ...tokens,
        messages: messages.map((message) => ({ ...message })),
        add_generation_prompt: true,
        fixed_day: onFixedDay,
      })
    } catch (cause) {
      throw fail(cause)
    }
  }
}

/**
 * The day on which templates that ask for today's are rendered, so that the same recipe gives the same bytes tomorrow;
 * it is the one that Llama's templates fall back on.
 */
const DAY: Readonly<Record<string, string>> = {
  d: '26',
  b: 'Jul',
  B: 'July',
  m: '07',
  Y: '2024',
  y: '24',
  A: 'Friday',
  a: 'Fri',
  H: '00',
  M: '00',
  S: '00',
}
const onFixedDay = (format: string): string =>
  format.replace(/%-?([A-Za-z])/g, (whole, sign: string) => DAY[sign] ?? whole)

function templateOf(text: string, name: string): { template: string; tokens: Record<string, string> } {
  if (!text.trimStart().startsWith('{"') && !/^\s*\{\s*"/.test(text)) return { template: text, tokens: {} }
  let config: Record<string, unknown>
  try {
    config = JSON.parse(text) as Record<string, unknown>
  } catch {
    return { template: text, tokens: {} }
  }
  const given = config['chat_template']
  // Several templates under names: the default one.
  const template = Array.isArray(given)
    ? (given as { name?: string; template?: string }[]).find((one) => one.name === 'default')?.template
    : given
  if (typeof template !== 'string')
    throw new CairnError('bad_request', `${name} holds no chat_template; name a file that does.`, {
      file: name,
    })
  const tokens: Record<string, string> = {}
  for (const key of ['bos_token', 'eos_token', 'pad_token', 'unk_token']) {
    const token = config[key]
    const content =
      typeof token === 'object' && token !== null ? (token as { content?: unknown }).content : token
    if (typeof content === 'string') tokens[key] = content
  }
  return { template, tokens }
}
