import { expect } from 'vitest'
import type { EngineClient } from '#engine/create-engine.ts'
import type { ImportCounts } from '#shared/contract/imports.ts'

/** A line of JSON with a prompt and a completion. */
export const pair = (completion: string, more: object = {}): string =>
  JSON.stringify({ prompt: 'p', completion, ...more })

/** Nothing that was read is unaccounted for. */
export const addsUp = ({ read, imported, duplicates, rejected }: ImportCounts): void => {
  expect(read).toBe(imported + duplicates + rejected)
}

/** Starts an import, cancels it after its first committed batch, and answers the job's id. */
export async function cancelMidway(client: EngineClient, files: string[], run = 'r'): Promise<number> {
  const job = await client.call('imports.start', { paths: files, run })
  await expect
    .poll(() => client.call('traces.count', {}), { interval: 1, timeout: 20_000 })
    .toBeGreaterThan(0)
  const { state } = await client.call('jobs.cancel', { id: job.id })
  expect(state).toBe('cancelled')
  return job.id
}

/** What an export of traces says of one, as far as the tests look. */
export interface Exported {
  response: string
  prompt: string
  run: string
  key: string | null
  metadata: Record<string, unknown>
}
