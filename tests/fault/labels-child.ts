import { randomUUID } from 'node:crypto'
import type { ApiInput } from '#shared/contract/index.ts'
import { openEngine } from '../unit/engine/support.ts'

/** A change as it was asked for: enough to ask for it again. */
export type Call =
  | { method: 'labels.apply'; input: ApiInput<'labels.apply'> }
  | { method: 'history.undo' | 'history.redo'; input: { token: string } }
  | { method: 'history.travel'; input: { traceId: number; to: null; token: string } }

export type Told = { opened: true } | { begin: Call } | { answered: unknown }

/** Traces that are labelled; every label has a note of its own, by which it is known. */
export const TRACES: readonly number[] = [1, 2, 3]
/** Shortest response of them, in UTF-16 units. */
export const LENGTH = 30
/** Labels on a trace beyond this many are not added to. */
const MANY = 12

/** Resolves when the message is on its way, so that it arrives even if the process dies right after. */
const tell = (what: Told) =>
  new Promise<void>((sent) => process.send!(what, undefined, undefined, () => sent()))

/** A person in a hurry: changes labels until the process is killed, one change after another. */
async function main(workspace: string): Promise<void> {
  const { client } = openEngine(workspace)
  await tell({ opened: true })
  for (;;) {
    const call = await nextCall()
    await tell({ begin: call })
    await tell({ answered: await client.call(call.method, call.input) })
  }

  async function nextCall(): Promise<Call> {
    const token = randomUUID()
    const dice = Math.random()
    if (dice < 0.15) return { method: 'history.undo', input: { token } }
    if (dice < 0.25) return { method: 'history.redo', input: { token } }
    const traceId = pick(TRACES)
    if (dice < 0.28) return { method: 'history.travel', input: { traceId, to: null, token } }
    const labels = await client.call('labels.list', { traceId })
    const some = labels.filter(() => Math.random() < 0.3)
    const half = Math.floor(some.length / 2)
    const add = labels.length > MANY ? [] : Array.from({ length: below(4) }, newLabel)
    return {
      method: 'labels.apply',
      input: {
        ...{ traceId, annotator: 'ada', token, add },
        update: some.slice(half).map(({ id, start }) => ({ id, span: { start, end: start + 1 + below(9) } })),
        remove: some.slice(0, half).map(({ id }) => id),
      },
    }
  }
}

function newLabel() {
  const start = below(LENGTH - 10)
  return {
    span: { start, end: start + 1 + below(9) },
    behaviour: 'verification' as const,
    note: randomUUID(),
  }
}

const below = (count: number): number => Math.floor(Math.random() * count)
const pick = <T>(from: readonly T[]): T => from[below(from.length)]!

if (process.argv[1] === import.meta.filename) {
  // Nothing outlives the test that started it.
  process.on('disconnect', () => process.exit(1))
  await main(process.argv[2]!)
}
