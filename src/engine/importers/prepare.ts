import { createHash, type Hash } from 'node:crypto'
import { countdownProblem } from '#shared/domain/countdown/problem.ts'
import { verifyCountdown } from '#shared/domain/countdown/verify.ts'
import { toStored } from '#shared/domain/surrogates.ts'
import type { TraceDraft } from '#shared/domain/trace.ts'
import type { Place } from './types.ts'

/** A trace ready for the store: texts well-formed, metadata serialised, identity computed. */
export interface PreparedTrace {
  /** 16 bytes; two traces with the same identity are the same trace. */
  identity: Uint8Array
  run: string
  checkpoint: number | null
  key: string | null
  sample: number | null
  /** 16 bytes. */
  promptHash: Uint8Array
  prompt: string
  promptLone: string | null
  messages: string | null
  response: string
  responseLone: string | null
  reference: string | null
  metadata: string
  /** SHA-256 of the response's UTF-8 bytes (a lone surrogate counting as U+FFFD). */
  textHash: Uint8Array
  /** Unicode code points of the response. */
  length: number
  tokens: number | null
  reward: number | null
  correct: number | null
  truncated: number | null
  /** Cairn's own Countdown verdict; null where the trace is not a Countdown answer. */
  verified: number | null
  row: number
  line: number | null
  offset: number | null
}

export interface PrepareContext {
  /** Used where the draft has none. */
  run: string
  checkpoint: number | null
  /** Used instead of what the draft has. */
  runOverride: string | null
  checkpointOverride: number | null
  /** The place in the file is part of what a trace is: records that agree in all else stay apart. */
  positional: boolean
}

/**
 * Identity covers every field, so that two traces are one exactly when nothing tells them apart.
 * @throws RangeError when the metadata is nested too deeply to be written
 */
export function prepareTrace(
  draft: TraceDraft,
  at: Place,
  index: number,
  context: PrepareContext,
): PreparedTrace {
  const run = (context.runOverride ?? draft.run ?? context.run).toWellFormed()
  const checkpoint = context.checkpointOverride ?? draft.checkpoint ?? context.checkpoint
  const metadata = JSON.stringify(draft.metadata)
  const messages = draft.messages === null ? null : JSON.stringify(draft.messages)
  const prompt = toStored(draft.prompt)
  const response = toStored(draft.response)
  const promptHash = digest(update(createHash('sha256'), prompt.text, prompt.lone, messages))
  const textHash = new Uint8Array(createHash('sha256').update(response.text).digest())
  const identity = createHash('sha256')
  update(identity, run, checkpoint, draft.key, draft.sample)
  identity.update(promptHash)
  identity.update(textHash)
  update(identity, response.lone, draft.reference, draft.reward, draft.correct)
  update(identity, draft.truncated, draft.tokens, metadata)
  if (context.positional) update(identity, at.row, index)
  return {
    identity: digest(identity),
    run,
    checkpoint,
    key: draft.key?.toWellFormed() ?? null,
    sample: draft.sample,
    promptHash,
    prompt: prompt.text,
    promptLone: prompt.lone,
    messages,
    response: response.text,
    responseLone: response.lone,
    reference: draft.reference?.toWellFormed() ?? null,
    metadata,
    textHash,
    length: codePoints(draft.response),
    tokens: draft.tokens,
    reward: draft.reward,
    correct: asFlag(draft.correct),
    truncated: asFlag(draft.truncated),
    verified: asFlag(countdownVerdict(draft)),
    row: at.row,
    line: at.line,
    offset: at.offset,
  }
}

/** Feeds values with their lengths, so that no two lists of values give the same bytes. */
function update(hash: Hash, ...values: (string | number | boolean | null)[]): Hash {
  for (const value of values) {
    const text = value === null ? '' : String(value)
    hash.update(`${value === null ? 'n' : typeof value === 'string' ? 's' : 'v'}${text.length}:`)
    hash.update(text)
  }
  return hash
}

function digest(hash: Hash): Uint8Array {
  return new Uint8Array(hash.digest().subarray(0, 16))
}

const asFlag = (value: boolean | null): number | null => (value === null ? null : value ? 1 : 0)

function codePoints(text: string): number {
  let pairs = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const next = text.charCodeAt(index + 1)
      if (next >= 0xdc00 && next <= 0xdfff) {
        pairs++
        index++
      }
    }
  }
  return text.length - pairs
}

/**
 * The Countdown rule expects its answer in `<answer>` tags; where the task never asked for them it
 * would call every trace wrong, so it stays silent.
 */
function countdownVerdict(draft: TraceDraft): boolean | null {
  if (!draft.response.includes('<answer>') && !draft.prompt.includes('<answer>')) return null
  const problem = countdownProblem(draft.prompt, draft.metadata)
  return problem === null ? null : verifyCountdown(draft.response, problem).correct
}
