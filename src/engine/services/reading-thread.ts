import { parentPort, workerData } from 'node:worker_threads'
import { serve } from '#shared/rpc/server.ts'
import { workerChannel } from '../channels.ts'
import { openForReading } from '../db/reading.ts'
import { createReading, reading } from './reading.ts'

/** Entry of a reading thread: answers from a connection of its own, so that nobody waits for a long read but its asker. */
const { path } = workerData as { path: string }
const tell = (done: number, total: number) => served.emit('progress', { done, total })
const served = serve(reading, createReading(openForReading(path), path, tell), workerChannel(parentPort!))
