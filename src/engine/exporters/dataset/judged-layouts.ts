import type { Row } from '#shared/domain/curate/index.ts'
import { asJson, MESSAGES, reply, sidesOf, stepsOf, turns } from './row-parts.ts'
import type { DatasetLayout } from './types.ts'

/** TRL's preferences as texts. */
export function textPreference(text: (row: Row) => string): DatasetLayout {
  return {
    columns: { prompt: 'string', chosen: 'string', rejected: 'string' },
    row: (row) => ({ prompt: text(row), chosen: sidesOf(row).chosen, rejected: sidesOf(row).rejected }),
  }
}

/** TRL's preferences as conversations. */
export function conversationalPreference(): DatasetLayout {
  return {
    columns: { prompt: MESSAGES, chosen: MESSAGES, rejected: MESSAGES },
    row(row) {
      const { chosen, rejected } = sidesOf(row)
      return {
        prompt: asJson(turns(row)),
        chosen: asJson([reply(chosen)]),
        rejected: asJson([reply(rejected)]),
      }
    },
  }
}

/** TRL's stepwise supervision. */
export function stepwise(text: (row: Row) => string): DatasetLayout {
  return {
    columns: { prompt: 'string', completions: { list: 'string' }, labels: { list: 'boolean' } },
    row(row) {
      const { completions, labels } = stepsOf(row)
      return { prompt: text(row), completions, labels }
    },
  }
}

/** As the phases of PRM800K (Lightman et al. 2023) have it: one completion a step, rated 1 or −1. */
export function prm800k(text: (row: Row) => string): DatasetLayout {
  const step = {
    completions: { list: { struct: { text: 'string', rating: 'int32', flagged: 'boolean' } } },
    human_completion: 'string',
    chosen_completion: 'int32',
  } as const
  return {
    columns: {
      question: { struct: { problem: 'string', ground_truth_answer: 'string' } },
      label: { struct: { steps: { list: { struct: step } }, total_time: 'int32', finish_reason: 'string' } },
    },
    row(row, { reference }) {
      const { completions, labels } = stepsOf(row)
      const steps = completions.map((completion, at) => ({
        completions: [{ text: completion, rating: labels[at] ? 1 : -1, flagged: false }],
        human_completion: null,
        chosen_completion: 0,
      }))
      return {
        question: { problem: text(row), ground_truth_answer: reference },
        label: { steps, total_time: 0, finish_reason: labels.at(-1) ? 'solution' : 'found_error' },
      }
    },
  }
}

/** OpenAI's preference fine-tuning. */
export function openaiPreference(): DatasetLayout {
  return {
    columns: {
      input: { struct: { messages: MESSAGES } },
      preferred_output: MESSAGES,
      non_preferred_output: MESSAGES,
    },
    row(row) {
      const { chosen, rejected } = sidesOf(row)
      return {
        input: { messages: asJson(turns(row)) },
        preferred_output: asJson([reply(chosen)]),
        non_preferred_output: asJson([reply(rejected)]),
      }
    },
  }
}
