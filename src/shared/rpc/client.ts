import { createBirpc } from 'birpc'
import type { Contract, Input, Output } from '../contract/contract.ts'
import { CairnError } from '../errors.ts'
import type { Channel } from './channel.ts'
import type { ClientSide, ServerSide } from './server.ts'

export interface Client<C extends Contract, E> {
  /** @throws CairnError as the server threw it, or `disconnected` when the channel closes first */
  call<M extends keyof C & string>(method: M, input: Input<C, M>): Promise<Output<C, M>>
  /** Listens to one event; the returned function stops listening. */
  on<N extends keyof E & string>(name: N, listener: (payload: E[N]) => void): () => void
  close(): void
}

/** The typed client of a contract over any channel. Calls never time out: long work is a job. */
export function connect<C extends Contract, E>(channel: Channel): Client<C, E> {
  const listeners = new Map<string, Set<(payload: never) => void>>()
  const rpc = createBirpc<ServerSide, ClientSide>(
    {
      event(name, payload) {
        for (const listener of listeners.get(name) ?? []) listener(payload as never)
      },
    },
    {
      post: (message: unknown) => {
        channel.post(message)
      },
      on: (listener: (message: unknown) => void) => {
        channel.onMessage(listener)
      },
      timeout: -1,
    },
  )
  const gone = () =>
    new CairnError('disconnected', 'The connection to the engine was lost. What was saved is kept.')
  channel.onClose(() => {
    if (!rpc.$closed) rpc.$close(gone())
  })
  return {
    async call(method, input) {
      if (rpc.$closed) throw gone()
      const answer = await rpc.call(method, input)
      if (answer.ok) return answer.value as never
      throw new CairnError(answer.error.code, answer.error.message, answer.error.details)
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set)
      set.add(listener)
      return () => set.delete(listener)
    },
    close() {
      rpc.$close(gone())
      channel.close()
    },
  }
}
