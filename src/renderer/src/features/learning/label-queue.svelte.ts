import type { QueuedStep, QueueResult } from '#shared/contract/learning.ts'
import type { AppContext } from '../../app/context.ts'
import { traceHref } from '../../app/route.ts'

type App = Pick<AppContext, 'engine' | 'router' | 'session' | 'toasts'>

/** Steps that are asked for at once; then the queue is made anew, with what was learnt. */
const AT_ONCE = 20
/** Steps of which is remembered that they were asked for. */
const MOST_ASKED = 2000
/** Between two words about how far the looking is. */
const TELL_MS = 1500
/** Messages of the queue take the place of one another. */
const KEY = 'queue'

/** The steps that a label would teach most, and the one that is asked for now. */
class LabelQueue {
  items = $state.raw<readonly QueuedStep[]>([])
  at = $state(0)
  /** Steps are being looked for. */
  looking = $state(false)
  #cancel: () => void = () => undefined
  /** Texts that were shown since the window was opened: those that were passed over are not asked for again. */
  #asked: readonly string[] = []
  #round = 0
  readonly current = $derived(this.items[this.at] ?? null)

  /** Looks for steps by what the person has labelled up to now, and opens the first. */
  async start(app: App): Promise<void> {
    const { engine, session, toasts } = app
    if (this.looking) return
    this.looking = true
    const silence = this.#tell(app)
    try {
      const job = await engine.call('learning.queue', {
        annotator: session.annotator,
        count: AT_ONCE,
        asked: [...this.#asked],
        round: this.#round,
      })
      session.follow(job)
      this.#cancel = () => void engine.call('jobs.cancel', { id: job.id }).catch(() => undefined)
      const { state, result, error } = await engine.call('jobs.wait', { id: job.id })
      if (state === 'failed') throw new Error(error?.message)
      if (state !== 'done') return
      this.items = (result as unknown as QueueResult).items
      this.at = 0
      if (this.items.length === 0) {
        // It begins anew.
        this.#asked = []
        this.#round = 0
        toasts.show('There is no step left to ask for.')
      }
      this.#open(app)
    } catch (thrown) {
      toasts.fail(thrown)
    } finally {
      silence()
      this.#cancel = () => undefined
      this.looking = false
    }
  }

  /** Goes on to the next step; after the last one it looks for more, in other traces. */
  async next(app: App): Promise<void> {
    if (this.at + 1 >= this.items.length) {
      this.#round++
      return this.start(app)
    }
    this.at++
    this.#open(app)
  }

  /** Goes to the step that is asked for, from wherever one is. */
  async resume(app: App): Promise<void> {
    if (this.current === null) return this.start(app)
    this.#open(app)
  }

  /** Asks for no more, and looks no further. */
  stop(): void {
    this.#cancel()
    this.items = []
    this.at = 0
  }

  /** Says how far the looking is where no trace is open, which has a place of its own for that; until it is silenced. */
  #tell({ engine, router, toasts }: App): () => void {
    let told = -Infinity
    const say = (part: string) => {
      if (router.route.view === 'trace' || performance.now() < told + TELL_MS) return
      told = performance.now()
      const action = { label: 'Stop', run: () => this.stop() }
      toasts.show(`Looking for steps to label${part}…`, { key: KEY, action })
    }
    say('')
    return engine.on('jobs.changed', ({ kind, state, progress: { done, total } }) => {
      if (kind === 'queue' && state === 'running' && total !== null) say(`: ${done} of ${total} traces read`)
    })
  }

  #open({ router }: App): void {
    if (this.current === null) return
    const { text, traceId } = this.current
    if (this.#asked.at(-1) !== text) this.#asked = [...this.#asked, text].slice(-MOST_ASKED)
    router.go(traceHref(traceId, ''))
  }
}

export const labelQueue = new LabelQueue()
