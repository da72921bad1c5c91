import { parentPort, workerData } from 'node:worker_threads'
import { serve } from '#shared/rpc/server.ts'
import { workerChannel } from '../channels.ts'
import { openForReading } from '../db/reading.ts'
import { createReading, reading, type ReadingEvents } from './reading.ts'

/** Entry of a reading thread: answers from a connection of its own, so that nobody waits for a long read but its asker. */
const { path } = workerData as { path: string }
const tell = (name: keyof ReadingEvents) => (done: number, total: number) =>
  served.emit(name, { done, total })
const handlers = createReading(openForReading(path), path, tell('progress'), tell('comparing'))
const served = serve(reading, handlers, workerChannel(parentPort!))
