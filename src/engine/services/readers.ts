import { Worker } from 'node:worker_threads'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { CairnError } from '#shared/errors.ts'
import { connect, type Client } from '#shared/rpc/client.ts'
import { workerChannel } from '../channels.ts'
import type { Reading } from './reading.ts'

export type ReadMethod = Exclude<keyof Reading, 'forget'>

export interface Readers {
  readonly handlers: Pick<ApiHandlers, ReadMethod>
  /** Tells the threads what has changed; calls made after this see it. */
  forget(changed: 'labels' | 'traces'): void
  close(): Promise<void>
}

/** One thread for what a table shows, one for sums over everything, so that a row never waits for a chart. */
const THREADS: Record<ReadMethod, 'rows' | 'sums'> = {
  'traces.count': 'rows',
  'traces.list': 'rows',
  'traces.ids': 'rows',
  'traces.around': 'rows',
  'traces.search': 'rows',
  'traces.histogram': 'sums',
  'stats.runs': 'sums',
  'workspace.info': 'sums',
  'workspace.runs': 'sums',
}

/** Gives long reads to threads, each started when it is first needed and again when it has ended. */
export function createReaders(entry: string, path: string): Readers {
  const threads = new Map<'rows' | 'sums', { worker: Worker; client: Client<Reading, object> }>()

  const start = (name: 'rows' | 'sums') => {
    const worker = new Worker(entry, { workerData: { path } })
    const client = connect<Reading, object>(workerChannel(worker))
    const thread = { worker, client }
    worker.on('error', () => undefined)
    worker.on('exit', () => {
      if (threads.get(name) === thread) threads.delete(name)
    })
    threads.set(name, thread)
    return thread
  }

  const ask = (method: ReadMethod) => async (input: never) => {
    const name = THREADS[method]
    const { client } = threads.get(name) ?? start(name)
    try {
      return (await client.call(method, input)) as never
    } catch (thrown) {
      if (!(thrown instanceof CairnError) || thrown.code !== 'disconnected') throw thrown
      throw new CairnError(
        'internal',
        'The thread that reads the workspace ended unexpectedly. Nothing was changed; try again.',
        {},
        { cause: thrown },
      )
    }
  }

  return {
    handlers: Object.fromEntries(
      (Object.keys(THREADS) as ReadMethod[]).map((method) => [method, ask(method)]),
    ) as unknown as Readers['handlers'],
    forget(changed) {
      for (const { client } of threads.values()) client.call('forget', { changed }).catch(() => undefined)
    },
    async close() {
      await Promise.all([...threads.values()].map(({ worker }) => worker.terminate()))
    },
  }
}
