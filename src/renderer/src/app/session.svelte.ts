import { SvelteSet } from 'svelte/reactivity'
import type { Job, JobKind } from '#shared/contract/jobs.ts'
import type { OwnBehaviour } from '#shared/contract/own.ts'
import type { WorkspaceInfo } from '#shared/contract/workspace.ts'
import type { Engine } from './engine.svelte.ts'
import { latestJob } from './latest-job.ts'
import { onceMore } from './once-more.ts'

const DEFAULT_ANNOTATOR = 'me'
/** Shortest time between two readings that changes of the traces bring about. */
const PAUSE_MS = 1_500

/** What every view shares: the workspace in brief, its jobs, who is labelling. */
export class Session {
  info = $state.raw<WorkspaceInfo | null>(null)
  jobs = $state.raw<readonly Job[]>([])
  annotator = $state(DEFAULT_ANNOTATOR)
  /** Behaviours of the workspace's own; null before they were read. */
  own = $state.raw<readonly OwnBehaviour[] | null>(null)
  /** Counts changes to the traces: what was read before may be stale. */
  revision = $state(0)
  /** Counts changes to labels alone: only what tells of them may be stale. */
  labelled = $state(0)
  /** Jobs whose course the person sees: those started or seen running since the page was opened. */
  readonly followed = new SvelteSet<number>()
  readonly running = $derived(this.jobs.filter(({ state }) => state === 'running'))

  readonly #engine: Engine
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Whether what changed since the last reading is more than labels. */
  #tracesToo = false
  #readAt = -Infinity
  /** How often the annotator was set here, and how often that was saved or could not be. */
  #set = 0
  #settled = 0

  constructor(engine: Engine) {
    this.#engine = engine
    engine.on('jobs.changed', (job) => this.#changed(job))
    engine.on('traces.changed', () => this.#stale())
    engine.on('own.changed', () => this.#stale())
    engine.on('labels.changed', () => this.#readSoon())
  }

  readonly #readInfo = onceMore(async () => void (this.info = await this.#engine.call('workspace.info', {})))
  /** Sums take a while: no other answer waits for them, and would be old by then. */
  readonly #parts = [
    this.#readInfo,
    onceMore(async () => this.#listed(await this.#engine.call('jobs.list', {}))),
    onceMore(() => this.#readAnnotator()),
    onceMore(async () => void (this.own = await this.#engine.call('own.list', {}))),
  ]

  /** Reads everything anew; call on each connection. */
  async refresh(): Promise<void> {
    await Promise.all(this.#parts.map((read) => read()))
  }

  #listed(jobs: readonly Job[]): void {
    // One that was dismissed stays so.
    const known = new Set(this.jobs.filter(({ state }) => state === 'interrupted').map(({ id }) => id))
    this.jobs = jobs
    for (const { id, state } of jobs)
      if (state === 'running' || (state === 'interrupted' && !known.has(id))) this.followed.add(id)
  }

  async #readAnnotator(): Promise<void> {
    const settled = this.#settled
    const { annotator } = await this.#engine.call('settings.get', {})
    // The engine may have answered before it was told of a name that was set here.
    if (settled === this.#set && typeof annotator === 'string' && annotator !== '') this.annotator = annotator
  }

  async setAnnotator(name: string): Promise<void> {
    this.annotator = name.trim() === '' ? DEFAULT_ANNOTATOR : name.trim().slice(0, 200)
    this.#set++
    try {
      await this.#engine.save('settings.set', { annotator: this.annotator })
    } finally {
      this.#settled++
    }
  }

  /** The newest job of a kind, and of a model where one is named; null where the person does not see its course. */
  latest(kind: JobKind, model?: string): Job | null {
    return latestJob(this.jobs, this.followed, kind, model)
  }

  /** Takes a job that was just started into the list; even one that ends at once is told of. */
  follow(job: Job): void {
    this.followed.add(job.id)
    if (!this.jobs.some(({ id }) => id === job.id)) this.jobs = [job, ...this.jobs]
  }

  #changed(job: Job): void {
    if (job.state === 'running') this.followed.add(job.id)
    const others = this.jobs.filter(({ id }) => id !== job.id)
    this.jobs = [job, ...others].sort((a, b) => b.id - a.id)
    if (job.state !== 'running') this.#stale()
  }

  #stale(): void {
    this.#tracesToo = true
    this.#readSoon()
  }

  /** What is shown is read anew, but not more often than it can be read with ease. */
  #readSoon(): void {
    if (this.#timer !== undefined) return
    const wait = Math.max(0, this.#readAt + PAUSE_MS - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#readAt = performance.now()
      if (this.#tracesToo) this.revision++
      else this.labelled++
      const read = this.#tracesToo ? this.refresh() : this.#readInfo()
      this.#tracesToo = false
      // A connection that breaks meanwhile brings its own reading when it is back.
      read.catch(() => undefined)
    }, wait)
  }
}
