import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { CairnError, type ErrorDetails } from '#shared/errors.ts'

export interface Endpoint {
  /** Base address as such servers give it, for example `http://localhost:8000/v1`. */
  readonly url: string
  readonly model: string
  /** Sent as a bearer token; never stored. */
  readonly key?: string | undefined
}

export interface Reply {
  readonly text: string
  /** Tokens of the question and of the answer as the server counts them; 0 where it does not. */
  readonly tokens: { readonly asked: number; readonly answered: number }
}

/** Waits before the second try and those after it, in milliseconds; a server may ask for longer. */
const WAITS = [500, 2_000, 5_000]
const LONGEST_WAIT_MS = 60_000
const TIMEOUT_MS = 120_000
const MAX_TOKENS = 512
/** No answer is as long, in bytes: of `MAX_TOKENS` tokens, and for each token above. */
const LARGEST = 1_000_000
const BYTES_A_TOKEN = 64

const Completion = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
  usage: z
    .object({ prompt_tokens: z.number().catch(0), completion_tokens: z.number().catch(0) })
    .nullish()
    .catch(null),
})

/** What went wrong with one try, and whether another may do better. */
class TryError extends Error {
  readonly again: boolean
  readonly waitMs: number
  /** What the server answered in HTTP; null where it did not, or said yes. */
  readonly status: number | null
  constructor(message: string, again: boolean, waitMs = 0, status: number | null = null) {
    super(message)
    this.again = again
    this.waitMs = waitMs
    this.status = status
  }
}

export interface AskOptions {
  readonly signal: AbortSignal
  /** For one try. */
  readonly timeoutMs?: number
  readonly waits?: readonly number[]
  /** Longest answer. */
  readonly maxTokens?: number
}

/**
 * Asks a server that speaks OpenAI's chat completions. Tries again after what may pass: no connection, no
 * answer in time, a torn or senseless answer, 429 and 5xx. Goes to the given address and nowhere else:
 * redirects are refused.
 * @throws CairnError `endpoint_unreachable` when every try failed, `endpoint_refused` when the server says no (with
 *   its HTTP status in the details), `cancelled`
 */
export async function ask(
  endpoint: Endpoint,
  question: string,
  { signal, timeoutMs = TIMEOUT_MS, waits = WAITS, maxTokens = MAX_TOKENS }: AskOptions,
): Promise<Reply> {
  const details: ErrorDetails = { url: endpoint.url, model: endpoint.model }
  for (let tries = 1; ; tries++) {
    try {
      const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
      return await attempt(endpoint, question, maxTokens, within)
    } catch (thrown) {
      if (signal.aborted) throw new CairnError('cancelled', 'The question was called off.')
      const failed = thrown instanceof TryError ? thrown : new TryError(describe(thrown, timeoutMs), true)
      if (!failed.again)
        throw new CairnError('endpoint_refused', failed.message, { ...details, status: failed.status })
      const wait = waits[tries - 1]
      if (wait === undefined)
        throw new CairnError('endpoint_unreachable', `${failed.message} (${tries} tries)`, details, {
          cause: thrown,
        })
      await pause(Math.min(LONGEST_WAIT_MS, Math.max(wait, failed.waitMs)), undefined, { signal }).catch(
        () => {
          throw new CairnError('cancelled', 'The question was called off.')
        },
      )
    }
  }
}

/** What a server says to whoever asks, whatever the question: a wrong key, nothing paid, no such model. */
const TO_ANYBODY = [401, 402, 403, 404]

/** Whether the next question will fare no better; else it was this one that the server would not take, or answer well. */
export const failsAll = ({ code, details }: CairnError): boolean =>
  code === 'endpoint_unreachable' ||
  (code === 'endpoint_refused' && TO_ANYBODY.includes(Number(details['status'])))

async function attempt(
  { url, model, key }: Endpoint,
  question: string,
  maxTokens: number,
  signal: AbortSignal,
): Promise<Reply> {
  const response = await fetch(`${url.replace(/\/+$/, '')}/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: question }],
      max_tokens: maxTokens,
    }),
    redirect: 'error',
    signal,
  })
  const body = await limited(response, LARGEST + Math.max(0, maxTokens - MAX_TOKENS) * BYTES_A_TOKEN)
  if (!response.ok) {
    const again = response.status === 429 || response.status >= 500
    const wait = Number(response.headers.get('retry-after') ?? 0) * 1000
    const said = body.slice(0, 300).replace(/\s+/g, ' ').trim()
    const message = `The server answered ${response.status}${said === '' ? '' : `: ${said}`}`
    throw new TryError(message, again, Number.isFinite(wait) ? wait : 0, response.status)
  }
  const parsed = Completion.safeParse(json(body))
  if (!parsed.success) throw new TryError('The server’s answer is no chat completion.', true)
  const { choices, usage } = parsed.data
  return {
    text: choices[0]!.message.content,
    tokens: { asked: usage?.prompt_tokens ?? 0, answered: usage?.completion_tokens ?? 0 },
  }
}

async function limited(response: Response, largest: number): Promise<string> {
  let size = 0
  const parts: Uint8Array[] = []
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > largest) throw new TryError('The server’s answer is larger than any answer could be.', false)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function describe(thrown: unknown, timeoutMs: number): string {
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError')
    return `The server did not answer within ${Math.round(timeoutMs / 1000)} s.`
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown
  const why = cause instanceof Error ? cause.message : String(cause)
  return `The server cannot be reached, or broke off: ${why}`
}
