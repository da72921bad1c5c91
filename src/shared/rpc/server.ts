import { createBirpc } from 'birpc'
import { z } from 'zod'
import type { Contract, Handlers } from '../contract/contract.ts'
import { CairnError, toCairnError, type ErrorCode, type ErrorDetails } from '../errors.ts'
import type { Channel } from './channel.ts'

/** What crosses the wire as an answer: results are values, never thrown objects. */
export type Answer =
  | { ok: true; value: unknown }
  | { ok: false; error: { code: ErrorCode; message: string; details: ErrorDetails } }

export interface ServerSide {
  call(method: string, input: unknown): Promise<Answer>
}

export interface ClientSide {
  event(name: string, payload: unknown): void
}

export interface Served {
  /** Sends an event to this client; does nothing once it is gone. */
  emit(name: string, payload: unknown): void
  close(): void
}

/**
 * Answers a contract on one channel. Input is parsed against the contract before a handler sees it;
 * whatever a handler throws leaves as `{code, message, details}`.
 */
export function serve<C extends Contract>(contract: C, handlers: Handlers<C>, channel: Channel): Served {
  const call = createDispatcher(contract, handlers)
  const rpc = createBirpc<ClientSide, ServerSide>(
    { call },
    {
      post: (message: unknown) => {
        channel.post(message)
      },
      on: (listener: (message: unknown) => void) => {
        channel.onMessage((message) => {
          if (isMessage(message)) listener(message)
        })
      },
      timeout: -1,
      eventNames: ['event'],
      onGeneralError: () => true,
    },
  )
  channel.onClose(() => rpc.$close())
  return {
    emit(name, payload) {
      if (!rpc.$closed) void rpc.$callEvent('event', name, payload)
    },
    close() {
      rpc.$close()
      channel.close()
    },
  }
}

/** Calls by method name with validation: the one place where untrusted input becomes typed. */
export function createDispatcher<C extends Contract>(
  contract: C,
  handlers: Handlers<C>,
): (method: string, input: unknown) => Promise<Answer> {
  type Row = { input: z.ZodType; handle: (input: unknown) => unknown }
  const table = Object.create(null) as Record<string, Row>
  for (const method of Object.keys(contract)) {
    table[method] = {
      input: contract[method]!.input,
      handle: handlers[method as keyof C] as unknown as (input: unknown) => unknown,
    }
  }
  return async (method, input) => {
    try {
      const row = typeof method === 'string' ? table[method] : undefined
      if (row === undefined) throw new CairnError('bad_request', `There is no method "${String(method)}".`)
      const parsed = row.input.safeParse(input ?? {})
      if (!parsed.success)
        throw new CairnError('bad_request', `${method}: ${z.prettifyError(parsed.error)}`, { method })
      return { ok: true, value: await row.handle(parsed.data) }
    } catch (thrown) {
      return { ok: false, error: toCairnError(thrown).toJSON() }
    }
  }
}

/** Guards against bytes from strangers: only well-formed birpc messages pass. */
function isMessage(message: unknown): boolean {
  if (typeof message !== 'object' || message === null) return false
  const { t, m, a } = message as { t?: unknown; m?: unknown; a?: unknown }
  return t === 's' || (t === 'q' && m === 'call' && Array.isArray(a))
}
