import { EVENT_NAMES, type EventName, type Events } from '#shared/contract/events.ts'
import type { Api, ApiInput, ApiOutput, Method } from '#shared/contract/index.ts'
import { connect, type Client } from '#shared/rpc/client.ts'
import { CairnError } from '#shared/errors.ts'
import type { Dial } from './dial.ts'

type EngineClient = Client<Api, Events>
type Listener<N extends EventName> = (payload: Events[N]) => void

/**
 * Doing these twice differs from doing them once: they are never repeated by themselves. What changes
 * labels, and undo and redo, carry a token that makes a repetition harmless.
 */
const ONCE: ReadonlySet<Method> = new Set([
  'imports.start',
  'imports.retry',
  'classify.start',
  'models.add',
  'models.adapt',
  'learning.queue',
  'own.create',
  'own.train',
  'own.classify',
  'models.evaluate',
  'models.thresholds',
  'exports.start',
  'curate.start',
  'judge.start',
  'jobs.resume',
])

/** The engine's thread does nothing else meanwhile: silence says nothing of the connection. */
const SILENT: ReadonlySet<Method> = new Set(['workspace.check'])

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 8_000
/** An engine that does not answer this long after a sleep is dialled anew. */
const PROBE_MS = 4_000
/** The same while its thread does nothing else; a check that does take longer is begun anew. */
const SILENT_PROBE_MS = 600_000

/**
 * The one way to the engine. It connects, and connects again when the connection is lost; calls made
 * meanwhile wait, and those cut off are repeated when that is safe. Views see only a slower answer.
 */
export class Engine {
  state = $state<'connecting' | 'open' | 'lost'>('connecting')
  /** Failed attempts since the connection was lost. */
  attempts = $state(0)
  /** Counts connections: what was read on an earlier one may be stale. */
  epoch = $state(0)
  /** Changes that the engine has not confirmed. */
  pending = $state(0)

  readonly #dial: Dial
  readonly #openers = new Set<() => void>()
  readonly #listeners = new Map<EventName, Set<Listener<never>>>()
  #client: EngineClient | null = null
  #dialling = false
  #waiting: (() => void)[] = []
  /** Calls under way of those that keep the engine from answering others. */
  #silent = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(dial: Dial) {
    this.#dial = dial
    void this.#connect()
  }

  /**
   * Calls a method as soon as there is a connection.
   * @throws CairnError what the engine threw; `disconnected` only for methods that must not be repeated
   */
  async call<M extends Method>(method: M, input: ApiInput<M>): Promise<ApiOutput<M>> {
    // Reactive proxies cannot be cloned into a message.
    const plain = $state.snapshot<unknown>(input) as ApiInput<M>
    for (;;) {
      const client = await this.#connected()
      const silent = SILENT.has(method) ? 1 : 0
      this.#silent += silent
      try {
        return await client.call(method, plain)
      } catch (thrown) {
        const cut = thrown instanceof CairnError && thrown.code === 'disconnected'
        if (!cut || ONCE.has(method)) throw thrown
      } finally {
        this.#silent -= silent
      }
    }
  }

  /** As `call`, for changes: counted in `pending` until the engine has confirmed them. */
  async save<M extends Method>(method: M, input: ApiInput<M>): Promise<ApiOutput<M>> {
    this.pending++
    try {
      return await this.call(method, input)
    } finally {
      this.pending--
    }
  }

  /** Listens to an event on this and every later connection; the returned function stops it. */
  on<N extends EventName>(name: N, listener: Listener<N>): () => void {
    const set = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, set)
    set.add(listener)
    return () => set.delete(listener)
  }

  /** Calls back on each connection. */
  onOpen(opened: () => void): void {
    this.#openers.add(opened)
  }

  /** Resolves as soon as there is a connection. */
  async ready(): Promise<void> {
    await this.#connected()
  }

  /** Tries at once instead of waiting for the next attempt. */
  retry(): void {
    if (this.state === 'lost') void this.#connect()
  }

  /** Finds out whether a connection that says it is open still is, as after a sleep. */
  async probe(): Promise<void> {
    const client = this.#client
    if (client === null) return this.retry()
    let late = setTimeout(() => {
      if (this.#silent === 0) client.close()
      else late = setTimeout(() => client.close(), SILENT_PROBE_MS - PROBE_MS)
    }, PROBE_MS)
    await client.call('history.list', { limit: 1 }).catch(() => undefined)
    clearTimeout(late)
    // Closing it ourselves brings no close event on every kind of channel.
    if (this.#client === client && this.state === 'open') return
    this.retry()
  }

  async #connect(): Promise<void> {
    clearTimeout(this.#timer)
    // Two connections at once would tell of every event twice.
    if (this.#dialling) return
    this.#dialling = true
    try {
      const channel = await this.#dial()
      const client = connect<Api, Events>(channel)
      channel.onClose(() => this.#lost(client))
      for (const name of EVENT_NAMES) client.on(name, (payload) => this.#tell(name, payload as never))
      this.#client = client
      this.attempts = 0
      this.epoch++
      this.state = 'open'
      for (const go of this.#waiting.splice(0)) go()
      for (const opened of this.#openers) opened()
    } catch {
      this.attempts++
      this.#again()
    } finally {
      this.#dialling = false
    }
  }

  #lost(client: EngineClient): void {
    if (this.#client !== client) return
    this.#client = null
    this.#again()
  }

  #again(): void {
    this.state = 'lost'
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.attempts)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#connect(), wait)
  }

  #tell(name: EventName, payload: never): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(payload)
  }

  async #connected(): Promise<EngineClient> {
    while (this.#client === null) await new Promise<void>((go) => this.#waiting.push(go))
    return this.#client
  }
}
