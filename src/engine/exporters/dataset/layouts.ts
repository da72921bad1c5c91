import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import type { Row } from '#shared/domain/curate/index.ts'
import type { ColumnType, Columns } from '../columns.ts'
import type { Row as Cells } from '../layouts.ts'
import {
  conversationalPreference,
  openaiPreference,
  prm800k,
  stepwise,
  textPreference,
} from './judged-layouts.ts'
import {
  asJson,
  completionOf,
  isText,
  MESSAGES,
  promptText,
  reply,
  sidesOf,
  turns,
  withReply,
} from './row-parts.ts'
import type { DatasetLayout, DatasetOptions, RowFacts } from './types.ts'

const CONVERSATION = { list: { struct: { from: 'string', value: 'string' } } } as const
const ORIGIN: Columns = {
  origin: {
    struct: {
      source: 'string',
      row: 'int64',
      run: 'string',
      checkpoint: 'double',
      key: 'string',
      sample: 'double',
      text_hash: 'string',
    },
  },
  correct: 'boolean',
  behaviours: { struct: Object.fromEntries(BEHAVIOURS.map((name): [string, ColumnType] => [name, 'int32'])) },
  /** What the behaviours rest on. */
  label_sources: { list: 'string' },
}

function originOf(facts: RowFacts): Cells {
  const { source, row, run, checkpoint, key, sample, textHash, correct, counts, labels } = facts
  return {
    origin: { source, row, run, checkpoint, key, sample, text_hash: textHash },
    correct,
    behaviours: Object.fromEntries(BEHAVIOURS.map((name, at) => [name, counts[at]!])),
    label_sources: labels,
  }
}

/**
 * The layout of a training format, by the names that its trainer documents: verl (`query`/`completion`; `prompt` with
 * `reward_model` and `extra_info`), TRL (messages, prompt–completion, preference, stepwise supervision), OpenAI
 * fine-tuning (chat; preference), ShareGPT, Alpaca, LLaMA-Factory (Alpaca with `dataset_info.json`), PRM800K, plain.
 */
export function datasetLayout(options: DatasetOptions): DatasetLayout {
  const base = bareLayout(options)
  if (!options.origin || options.format === 'openai' || options.format === 'verl_prompt') return base
  return {
    columns: { ...base.columns, ...ORIGIN },
    row: (row, facts) => ({ ...base.row(row, facts), ...originOf(facts) }),
  }
}

function bareLayout(options: DatasetOptions): DatasetLayout {
  const { format } = options
  const text = (row: Row) => promptText(row, options)
  if (format === 'verl_query') return pair('query', 'completion', text)
  if (format === 'verl_prompt') return verlPrompt(options)
  if (format === 'trl_messages')
    return {
      columns: { messages: MESSAGES },
      row: (row) => ({ messages: withReply(row, completionOf(row)) }),
    }
  if (format === 'trl_prompt_completion')
    return isText(options) ? pair('prompt', 'completion', text) : conversationalPair()
  if (format === 'trl_preference' || (format === 'plain' && options.kind === 'preference'))
    return isText(options) || format === 'plain' ? textPreference(text) : conversationalPreference()
  if (format === 'trl_stepwise' || (format === 'plain' && options.kind === 'stepwise')) return stepwise(text)
  if (format === 'prm800k') return prm800k(text)
  if (format === 'openai') return options.kind === 'preference' ? openaiPreference() : openaiChat()
  if (format === 'sharegpt') return sharegpt()
  if (format === 'alpaca' || format === 'llama_factory') return alpaca(options)
  return pair('prompt', 'completion', text)
}

function pair(question: string, answer: string, text: (row: Row) => string): DatasetLayout {
  return {
    columns: { [question]: 'string', [answer]: 'string' },
    row: (row) => ({ [question]: text(row), [answer]: completionOf(row) }),
  }
}

function conversationalPair(): DatasetLayout {
  return {
    columns: { prompt: MESSAGES, completion: MESSAGES },
    row: (row) => ({ prompt: asJson(turns(row)), completion: asJson([reply(completionOf(row))]) }),
  }
}

function openaiChat(): DatasetLayout {
  return { columns: { messages: MESSAGES }, row: (row) => ({ messages: withReply(row, completionOf(row)) }) }
}

const FROM: Readonly<Record<string, string>> = {
  user: 'human',
  assistant: 'gpt',
  system: 'system',
  tool: 'observation',
}

function sharegpt(): DatasetLayout {
  return {
    columns: { conversations: CONVERSATION },
    row: (row) => ({
      conversations: [...turns(row), reply(completionOf(row))].map(({ role, content }) => ({
        from: FROM[role] ?? role,
        value: content,
      })),
    }),
  }
}

function alpaca(options: DatasetOptions): DatasetLayout {
  const answers: Columns =
    options.kind === 'preference' ? { chosen: 'string', rejected: 'string' } : { output: 'string' }
  return {
    columns: { instruction: 'string', input: 'string', ...answers, system: 'string' },
    row(row) {
      const system = row.messages?.find(({ role }) => role === 'system')?.content ?? ''
      const messages = row.messages?.filter(({ role }) => role !== 'system') ?? null
      const instruction = promptText({ ...row, messages }, options)
      if (options.kind !== 'preference') return { instruction, input: '', output: completionOf(row), system }
      const { chosen, rejected } = sidesOf(row)
      return { instruction, input: '', chosen, rejected, system }
    },
  }
}

/** The layout of verl's own preprocessing scripts; supervised runs read question and answer from `extra_info`. */
function verlPrompt({ countdown, origin }: DatasetOptions): DatasetLayout {
  const truth: ColumnType = countdown
    ? { struct: { target: 'double', numbers: { list: 'double' } } }
    : 'string'
  const info: Columns = { split: 'string', index: 'int64', question: 'string', answer: 'string' }
  return {
    columns: {
      data_source: 'string',
      prompt: MESSAGES,
      ability: 'string',
      reward_model: { struct: { style: 'string', ground_truth: truth } },
      extra_info: { struct: origin ? { ...info, ...ORIGIN } : info },
    },
    row(row, facts) {
      const { split, index, reference } = facts
      const problem = facts.countdown
      const known =
        countdown && problem !== null
          ? { target: problem.target, numbers: problem.numbers }
          : (reference ?? '')
      return {
        data_source: countdown ? 'countdown' : facts.run,
        prompt: asJson(turns(row)),
        ability: 'math',
        reward_model: { style: 'rule', ground_truth: known },
        extra_info: {
          split,
          index,
          question: turns(row).at(-1)?.content ?? '',
          answer: completionOf(row),
          ...(origin && originOf(facts)),
        },
      }
    },
  }
}
