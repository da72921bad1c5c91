import { Worker } from 'node:worker_threads'
import type { Input, Output } from '#shared/contract/contract.ts'
import type { ApiHandlers } from '#shared/contract/index.ts'
import { CairnError } from '#shared/errors.ts'
import { connect, type Client } from '#shared/rpc/client.ts'
import { endThread, workerChannel } from '../channels.ts'
import type { Reading, ReadingEvents } from './reading.ts'

/** What the engine asks its threads for itself. */
type GraphMethod = 'graphs.measure' | 'graphs.pending'
type VerdictMethod = 'verdicts.pending' | 'verdicts.check'
type VectorMethod = 'similar.search' | 'similar.sort'
type OwnMethod = GraphMethod | VerdictMethod | VectorMethod
export type ReadMethod = Exclude<keyof Reading, OwnMethod | 'forget'>

export interface Readers {
  readonly handlers: Pick<ApiHandlers, ReadMethod>
  /** Asks the thread that builds graphs. */
  graphs<M extends GraphMethod>(method: M, input: Input<Reading, M>): Promise<Output<Reading, M>>
  /** Asks the thread that checks answers. */
  verdicts<M extends VerdictMethod>(method: M, input: Input<Reading, M>): Promise<Output<Reading, M>>
  /** Asks the thread that holds vectors of steps in memory. */
  vectors<M extends VectorMethod>(method: M, input: Input<Reading, M>): Promise<Output<Reading, M>>
  /** Tells the threads what has changed; calls made after this see it. */
  forget(changed: 'labels' | 'traces'): void
  close(): Promise<void>
}

type ThreadName = 'rows' | 'sums' | 'graphs' | 'verdicts' | 'vectors'

/** One thread for what a table shows, one for sums over everything, so that a row never waits for a chart; one each for graphs, answers and vectors. */
const THREADS: Record<ReadMethod, ThreadName> = {
  'traces.count': 'rows',
  'traces.list': 'rows',
  'traces.ids': 'rows',
  'traces.around': 'rows',
  'traces.search': 'rows',
  'traces.histogram': 'sums',
  'stats.runs': 'sums',
  'workspace.info': 'sums',
  'workspace.runs': 'sums',
  'graphs.get': 'graphs',
  'graphs.shapes': 'graphs',
  'graphs.siblings': 'graphs',
  'models.predicted': 'sums',
  'models.counts': 'sums',
  'models.agreement': 'sums',
  'models.differences': 'sums',
  'own.list': 'sums',
  'own.counts': 'sums',
  'own.spread': 'sums',
  'labels.agreement': 'sums',
  'labels.differences': 'sums',
}

type Tell = (progress: ReadingEvents['progress']) => void

/** Hear how far a list is that looks at every trace, the sorting of steps into groups, and people's labels compared. */
interface Tellers {
  reading: Tell
  sorting: Tell
  comparing: Tell
}

/** Gives long reads to threads, each started when it is first needed and again when it has ended. */
export function createReaders(
  entry: string,
  path: string,
  { reading, sorting, comparing }: Tellers,
): Readers {
  const threads = new Map<ThreadName, { worker: Worker; client: Client<Reading, ReadingEvents> }>()

  const start = (name: ThreadName) => {
    const worker = new Worker(entry, { workerData: { path } })
    const client = connect<Reading, ReadingEvents>(workerChannel(worker))
    if (name === 'rows') client.on('progress', reading)
    if (name === 'vectors') client.on('progress', sorting)
    if (name === 'sums') client.on('comparing', comparing)
    const thread = { worker, client }
    worker.on('error', () => undefined)
    worker.on('exit', () => {
      if (threads.get(name) === thread) threads.delete(name)
    })
    threads.set(name, thread)
    return thread
  }

  const ask = (name: ThreadName, method: ReadMethod | OwnMethod) => async (input: never) => {
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
      (Object.keys(THREADS) as ReadMethod[]).map((method) => [method, ask(THREADS[method], method)]),
    ) as unknown as Readers['handlers'],
    graphs: (method, input) => ask('graphs', method)(input as never),
    verdicts: (method, input) => ask('verdicts', method)(input as never),
    vectors: (method, input) => ask('vectors', method)(input as never),
    forget(changed) {
      for (const { client } of threads.values()) client.call('forget', { changed }).catch(() => undefined)
    },
    async close() {
      await Promise.all([...threads.values()].map(({ worker }) => endThread(worker)))
    },
  }
}
