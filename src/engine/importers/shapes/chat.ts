import type { Mapping } from '../types.ts'
import { asConversation, roleOf } from './support/conversation.ts'
import { fieldsOf, guessResponse, guessSides, plainName } from './support/guess.ts'
import { keyPath } from './support/path.ts'
import { isList, own, type JsonObject } from './support/record.ts'
import { mappingShape, share } from './support/shape.ts'

const CHAT_FIELDS = ['messages', 'conversations', 'conversation', 'chat', 'dialogue', 'prompt_and_response']

function chatField(record: JsonObject): string | null {
  return CHAT_FIELDS.find((key) => asConversation(own(record, key)) !== null) ?? null
}

function isShareGpt(record: JsonObject): boolean {
  const key = chatField(record)
  const turns = key === null ? undefined : own(record, key)
  return isList(turns) && turns.some((turn) => typeof turn === 'object' && turn !== null && 'from' in turn)
}

/** The chat itself holds the response; not so when it ends with the user and another field answers it. */
function isAnswered(record: JsonObject): boolean {
  const key = chatField(record)
  if (key === null) return false
  const roles = (asConversation(own(record, key)) ?? []).map(roleOf)
  if (!roles.includes('assistant')) return false
  if (roles.at(-1) !== 'user') return true
  return guessResponse(fieldsOf([record]), new Set([key])) === null
}

function chatFields(sample: readonly JsonObject[]): Mapping['fields'] {
  const key = sample.map(chatField).find((name) => name !== null) ?? 'messages'
  const sides = guessSides(fieldsOf(sample), new Set([key]))
  return { messages: keyPath(key), ...sides }
}

/**
 * Chat messages: `role` and `content` (text or parts). The response is the last assistant message,
 * reasoning in think tags in front; all before it are the messages.
 */
export const chatMessages = mappingShape({
  id: 'chat_messages',
  title: 'Chat messages',
  detect: (sample) => 0.8 * share(sample, (record) => isAnswered(record) && !isShareGpt(record)),
  fields: chatFields,
})

/** ShareGPT: `conversations` of `{ from: human | gpt | system, value }`, a `system` text beside it at times. */
export const shareGpt = mappingShape({
  id: 'sharegpt',
  title: 'ShareGPT conversations',
  detect: (sample) => 0.85 * share(sample, (record) => isShareGpt(record) && isAnswered(record)),
  fields: chatFields,
  adjust: (trace, record) => {
    const system = own(record, 'system')
    if (typeof system !== 'string' || system === '' || trace.messages?.some(({ role }) => role === 'system'))
      return trace
    const { system: _said, ...metadata } = trace.metadata
    return { ...trace, messages: [{ role: 'system', content: system }, ...(trace.messages ?? [])], metadata }
  },
})

const PROMPTS = new Set(['prompt', 'query', 'instruction', 'question'])

/** Prompt and completion side by side, each as text or as messages (TRL), or query and completion. */
export const promptCompletion = mappingShape({
  id: 'prompt_completion',
  title: 'Prompt and completion',
  detect: (sample) =>
    0.7 *
    share(sample, (record) => {
      const completion = own(record, 'completion')
      const texts = typeof completion === 'string' || asConversation(completion) !== null
      return texts && Object.keys(record).some((key) => PROMPTS.has(plainName(key)))
    }),
  fields: (sample) => {
    const fields = fieldsOf(sample)
    const prompt =
      [...PROMPTS].map((name) => fields.byName.get(name)).find((key) => key !== undefined) ?? 'prompt'
    return {
      prompt: keyPath(prompt),
      response: 'completion',
      ...guessSides(fields, new Set([prompt, 'completion'])),
    }
  },
})

const TRL_OTHERS = new Set(['step', 'prompt', 'completion', 'advantage', 'advantages', 'images'])

/** The columns of a TRL completions table that reward functions wrote. */
function rewardColumns(sample: readonly JsonObject[]): string[] {
  const keys = new Set(sample.flatMap((record) => Object.keys(record)))
  return [...keys].filter(
    (key) => !TRL_OTHERS.has(key) && sample.every((record) => typeof own(record, key) !== 'string'),
  )
}

/**
 * TRL's logged completions (GRPO and kin): step, prompt, completion, one column a reward function,
 * advantage. The reward is set when there is one reward column or one called `reward`; several stay in
 * the metadata, because their weights are not in the file.
 */
export const trlCompletions = mappingShape({
  id: 'trl_completions',
  title: 'TRL logged completions',
  positional: true,
  detect: (sample) =>
    0.9 *
    share(
      sample,
      (record) =>
        own(record, 'step') !== undefined &&
        own(record, 'prompt') !== undefined &&
        own(record, 'completion') !== undefined &&
        (own(record, 'advantage') !== undefined || Object.keys(record).some((key) => /reward/i.test(key))),
    ),
  fields: (sample) => {
    const rewards = rewardColumns(sample)
    const reward = rewards.includes('reward') ? 'reward' : rewards.length === 1 ? rewards[0] : undefined
    return {
      checkpoint: 'step',
      prompt: 'prompt',
      response: 'completion',
      ...(reward === undefined ? {} : { reward: keyPath(reward) }),
    }
  },
})
