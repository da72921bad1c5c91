import { openEngine } from '../unit/engine/support.ts'

/** A host to be killed while models look at a workspace: goes on where an earlier one was stopped. */
const workspace = process.argv[2]!
const { client, close } = openEngine(workspace)
client.on('jobs.changed', ({ kind, progress }) => void process.send?.({ kind, done: progress.done }))
for (const method of ['similar.start', 'surprisal.start'] as const) {
  const model = method === 'similar.start' ? 'tiny-encoder' : 'tiny-lm'
  const { id } = await client.call(method, { model, device: 'cpu' })
  const { state } = await client.call('jobs.wait', { id })
  if (state !== 'done') throw new Error(`${method} ended ${state}`)
}
await close()
process.disconnect()
