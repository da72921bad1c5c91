import type { Json } from '../trace.ts'

/** What a row of any training format asks and teaches. */
export interface ReadRow {
  readonly prompt: string
  /** Texts that are learnt: one, the two sides of a pair, or the steps as one. */
  readonly texts: readonly string[]
}

type Fields = { readonly [key: string]: Json }

/**
 * Reads a row by the names of its fields, in every format that `cairn curate` writes and in those like them. Null when
 * no format is recognised.
 */
export function readTrainingRow(row: Json): ReadRow | null {
  if (!isObject(row)) return null
  if (isObject(row['extra_info']) && 'answer' in row['extra_info'])
    return { prompt: text(row['prompt']), texts: [text(row['extra_info']['answer'])] }
  if ('chosen' in row && 'rejected' in row) {
    const prompt = text(row['prompt'] ?? row['instruction'] ?? row['question'] ?? '')
    return { prompt, texts: [text(row['chosen']), text(row['rejected'])] }
  }
  if ('preferred_output' in row && isObject(row['input']))
    return {
      prompt: text(row['input']['messages'] ?? ''),
      texts: [text(row['preferred_output']), text(row['non_preferred_output'] ?? '')],
    }
  if (Array.isArray(row['completions']))
    return { prompt: text(row['prompt'] ?? ''), texts: [text(row['completions'])] }
  if (isObject(row['question']) && isObject(row['label'])) return fromRatings(row['question'], row['label'])
  for (const [ask, answer] of PAIRS)
    if (ask in row && answer in row) {
      const more = ask === 'instruction' && text(row['input'] ?? '') !== '' ? `\n${text(row['input'])}` : ''
      return { prompt: text(row[ask]) + more, texts: [text(row[answer])] }
    }
  for (const name of ['messages', 'conversations']) if (Array.isArray(row[name])) return fromTurns(row[name])
  return 'text' in row ? { prompt: '', texts: [text(row['text'])] } : null
}

const PAIRS = [
  ['query', 'completion'],
  ['prompt', 'completion'],
  ['instruction', 'output'],
  ['prompt', 'response'],
  ['question', 'answer'],
] as const

function fromTurns(turns: readonly Json[]): ReadRow {
  const contents = turns.map((turn) => text(isObject(turn) ? (turn['content'] ?? turn['value'] ?? '') : turn))
  return { prompt: contents.slice(0, -1).join('\n\n'), texts: contents.slice(-1) }
}

function fromRatings(question: Fields, label: Fields): ReadRow {
  const steps: readonly Json[] = Array.isArray(label['steps']) ? label['steps'] : []
  const texts = steps.map((step) => {
    const [first] =
      isObject(step) && Array.isArray(step['completions']) ? (step['completions'] as readonly Json[]) : []
    return isObject(first) ? text(first['text'] ?? '') : ''
  })
  return { prompt: text(question['problem'] ?? ''), texts: [texts.join('\n')] }
}

/** A text, or the contents of turns one after the other. */
function text(value: Json | undefined): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  if (Array.isArray(value)) {
    const items = value as readonly Json[]
    const isTurns = items.every((item) => isObject(item) && ('content' in item || 'value' in item))
    return items
      .map((item) => (isObject(item) ? text(item['content'] ?? item['value'] ?? '') : text(item)))
      .join(isTurns ? '\n\n' : '\n')
  }
  return JSON.stringify(value)
}

function isObject(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
