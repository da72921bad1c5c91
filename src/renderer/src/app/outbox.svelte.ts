import type { ApiInput, ApiOutput } from '#shared/contract/index.ts'
import { CairnError } from '#shared/errors.ts'
import type { Engine } from './engine.svelte.ts'
import { boxesLeft, keepBox, readBox, withBorn, type Post, type PostMethod } from './outbox-store.ts'

interface Settle {
  resolve(answer: unknown): void
  reject(thrown: unknown): void
}

/** Refusals that come again however often the change is sent. */
const FINAL = new Set(['bad_request', 'not_found', 'conflict'])
/** Until a change that the disk had no room for is sent again. */
const NO_ROOM_MS = 5_000

/**
 * Changes on their way to the engine: sent in order, one at a time, each exactly once. They lie in the
 * browser's store until the engine has confirmed them, so that neither a crash of the page nor of the
 * engine loses one; what earlier pages left is sent at the next connection, before what this one sends.
 */
export class Outbox {
  waiting = $state.raw<readonly Post[]>([])
  /** Whether the browser's store has all that is waiting. */
  safe = $state(true)
  /** Counts what was given to be sent. */
  posted = 0
  /** Called when a change of an earlier page is refused, and when one finds no room on the disk. */
  onrefused: (message: string) => void = () => undefined

  readonly #engine: Engine
  /** Begins with the time, so that pages sort as they were opened. */
  readonly #page = `${Date.now()}-${crypto.randomUUID()}`
  readonly #settles = new Map<string, Settle>()
  #workspace: string | null = null
  #sending = false
  #drained = Promise.resolve()
  /** Resolves when what earlier pages left is sent, as far as that goes. */
  #adopted = Promise.resolve()
  /** Whether it was said that the disk has no room, and nothing was saved since. */
  #told = false
  #unborn = -1

  constructor(engine: Engine) {
    this.#engine = engine
    engine.onOpen(() => {
      this.#adopted = this.#adopted.then(() => this.#opened()).catch(() => undefined)
    })
  }

  /** Stands for the id of a label that the engine has not made yet: below zero. */
  unborn(): number {
    return this.#unborn--
  }

  /**
   * Sends a change after all that wait already.
   * @param title in words, for an undo before it was sent
   * @param unborn the ids that stand for the labels that `labels.apply` adds
   * @param token by which events name the change
   * @throws CairnError what the engine answers; `cancelled` when it was taken back
   */
  send<M extends PostMethod>(
    method: M,
    input: ApiInput<M>,
    title: string,
    unborn: readonly number[] = [],
    token: string = crypto.randomUUID(),
  ): Promise<ApiOutput<M>> {
    this.posted++
    const plain = { ...($state.snapshot<unknown>(input) as object), token }
    const post = { token, method, input: plain, title, unborn, sent: false } as Post
    const answer = new Promise<unknown>((resolve, reject) => this.#settles.set(token, { resolve, reject }))
    this.#keep([...this.waiting, post])
    if (!this.#sending) this.#drained = this.#drain()
    return answer as Promise<ApiOutput<M>>
  }

  /** Takes the last change back if it has never been sent; null when there is none such. */
  takeBack(): Post | null {
    const last = this.waiting.at(-1)
    if (last === undefined || last.sent) return null
    this.#keep(this.waiting.slice(0, -1))
    this.#settle(last, ({ reject }) => reject(new CairnError('cancelled', 'The change was taken back.')))
    return last
  }

  /** Resolves when nothing waits. */
  async settled(): Promise<void> {
    while (this.waiting.length > 0) await this.#drained
  }

  async #drain(): Promise<void> {
    this.#sending = true
    while (this.waiting.length > 0) {
      await this.#engine.ready()
      // Sent later, an earlier page's change would overwrite this page's.
      await this.#adopted
      const [post] = this.waiting
      if (post === undefined) break
      this.#keep(this.waiting.map((one) => (one === post ? { ...one, sent: true } : one)))
      try {
        const answer = await this.#engine.call(post.method, post.input)
        this.#keep(withBorn(this.waiting.slice(1), post, answer))
        this.#settle(post, ({ resolve }) => resolve(answer))
        this.#told = false
      } catch (thrown) {
        if (isNoRoom(thrown)) {
          // The engine does not have it: until it is sent again, it can be taken back.
          this.#keep(this.waiting.map((one) => (one.token === post.token ? post : one)))
          await this.#noRoom(thrown)
          continue
        }
        this.#keep(this.waiting.slice(1))
        this.#settle(post, ({ reject }) => reject(thrown))
      }
    }
    this.#told = false
    this.#sending = false
  }

  /** Says once that changes wait for room on the disk, and resolves when to try again. */
  async #noRoom({ message }: CairnError): Promise<void> {
    if (!this.#told)
      this.onrefused(
        `${message} Changes made meanwhile wait here, and are saved by themselves once there is room.`,
      )
    this.#told = true
    await new Promise((again) => setTimeout(again, NO_ROOM_MS))
  }

  #settle({ token }: Post, how: (settle: Settle) => void): void {
    const settle = this.#settles.get(token)
    this.#settles.delete(token)
    if (settle !== undefined) how(settle)
  }

  #keep(waiting: readonly Post[]): void {
    this.waiting = waiting
    this.safe = waiting.length === 0 || this.#workspace !== null
    if (this.#workspace !== null) this.safe = keepBox(this.#workspace, this.#page, waiting)
  }

  async #opened(): Promise<void> {
    const { path } = await this.#engine.call('workspace.path', {})
    if (this.#workspace === null) {
      this.#workspace = path
      // Held as long as this page lives: whoever gets the lock knows that the page is gone.
      void navigator.locks.request(lockOf(this.#page), () => new Promise(() => undefined))
      this.#keep(this.waiting)
    }
    for (const page of boxesLeft(path).sort())
      if (page !== this.#page)
        await navigator.locks.request(lockOf(page), { ifAvailable: true }, (lock) =>
          lock === null ? undefined : this.#adopt(path, page),
        )
  }

  /** Sends what a page that is gone has left. */
  async #adopt(workspace: string, page: string): Promise<void> {
    for (let posts = readBox(workspace, page); posts.length > 0;) {
      const [post, ...later] = posts as [Post, ...Post[]]
      try {
        posts = withBorn(later, post, await this.#engine.call(post.method, post.input))
        this.#told = false
      } catch (thrown) {
        if (isNoRoom(thrown)) {
          await this.#noRoom(thrown)
          continue
        }
        const refused = thrown instanceof CairnError && FINAL.has(thrown.code)
        this.onrefused(
          `A change made earlier (${post.title}) could not be saved: ${(thrown as Error).message}`,
        )
        if (!refused) return
        posts = later
      }
      keepBox(workspace, page, posts)
    }
  }
}

const isNoRoom = (thrown: unknown): thrown is CairnError =>
  thrown instanceof CairnError && thrown.code === 'disk_full'

const lockOf = (page: string) => `cairn.outbox/${page}`
