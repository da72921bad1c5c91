import type { QueuedStep, QueueResult } from '#shared/contract/learning.ts'
import type { AppContext } from '../../app/context.ts'
import { traceHref } from '../../app/route.ts'

type App = Pick<AppContext, 'engine' | 'router' | 'session' | 'toasts'>

/** Steps that are asked for at once; then the queue is made anew, with what was learnt. */
const AT_ONCE = 20

/** The steps that a label would teach most, and the one that is asked for now. */
class LabelQueue {
  items = $state.raw<readonly QueuedStep[]>([])
  at = $state(0)
  /** Steps are being looked for. */
  looking = $state(false)
  readonly current = $derived(this.items[this.at] ?? null)

  /** Looks for steps by what the person has labelled up to now, and opens the first. */
  async start(app: App): Promise<void> {
    const { engine, session, toasts } = app
    if (this.looking) return
    this.looking = true
    try {
      const job = await engine.call('learning.queue', { annotator: session.annotator, count: AT_ONCE })
      session.follow(job)
      const { state, result, error } = await engine.call('jobs.wait', { id: job.id })
      if (state === 'failed') throw new Error(error?.message)
      if (state !== 'done') return
      this.items = (result as unknown as QueueResult).items
      this.at = 0
      if (this.items.length === 0) toasts.show('There is no step left to ask for.')
      this.#open(app)
    } catch (thrown) {
      toasts.fail(thrown)
    } finally {
      this.looking = false
    }
  }

  /** Goes on to the next step; after the last one it looks for more. */
  async next(app: App): Promise<void> {
    if (this.at + 1 >= this.items.length) return this.start(app)
    this.at++
    this.#open(app)
  }

  /** Goes to the step that is asked for, from wherever one is. */
  async resume(app: App): Promise<void> {
    if (this.current === null) return this.start(app)
    this.#open(app)
  }

  stop(): void {
    this.items = []
    this.at = 0
  }

  #open({ router }: App): void {
    if (this.current !== null) router.go(traceHref(this.current.traceId, ''))
  }
}

export const labelQueue = new LabelQueue()
