import type { Job } from '#shared/contract/jobs.ts'
import type { WorkspaceInfo } from '#shared/contract/workspace.ts'
import type { Engine } from './engine.svelte.ts'

const DEFAULT_ANNOTATOR = 'me'

/** What every view shares: the workspace in brief, its jobs, who is labelling. */
export class Session {
  info = $state.raw<WorkspaceInfo | null>(null)
  jobs = $state.raw<readonly Job[]>([])
  annotator = $state(DEFAULT_ANNOTATOR)
  /** Counts changes to the traces: what was read before may be stale. */
  revision = $state(0)
  readonly running = $derived(this.jobs.filter(({ state }) => state === 'running'))

  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
    engine.on('jobs.changed', (job) => this.#changed(job))
    engine.on('traces.changed', () => {
      this.revision++
      void this.refresh()
    })
  }

  /** Reads everything anew; call on each connection. */
  async refresh(): Promise<void> {
    const [info, jobs, settings] = await Promise.all([
      this.#engine.call('workspace.info', {}),
      this.#engine.call('jobs.list', {}),
      this.#engine.call('settings.get', {}),
    ])
    this.info = info
    this.jobs = jobs
    const { annotator } = settings
    if (typeof annotator === 'string' && annotator !== '') this.annotator = annotator
  }

  async setAnnotator(name: string): Promise<void> {
    this.annotator = name.trim() === '' ? DEFAULT_ANNOTATOR : name.trim().slice(0, 200)
    await this.#engine.save('settings.set', { annotator: this.annotator })
  }

  #changed(job: Job): void {
    const others = this.jobs.filter(({ id }) => id !== job.id)
    this.jobs = [job, ...others].sort((a, b) => b.id - a.id)
    if (job.state !== 'running') {
      this.revision++
      void this.refresh()
    }
  }
}
