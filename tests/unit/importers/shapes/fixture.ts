import { resolve } from 'node:path'
import type { ContainerName } from '#engine/importers/types.ts'
import { readRecords, recordsOf, type ReadFile } from './read.ts'

export const FIXTURES = resolve(import.meta.dirname, '../../../fixtures/shapes')

/** Reads a fixture as a file of a run would be read. */
export function readFixture(name: string, bigArray?: string, container: ContainerName = 'jsonl'): ReadFile {
  const file = resolve(FIXTURES, name)
  return readRecords(recordsOf(file, bigArray), `runs/${name}`, container)
}

/** What the file was taken for. */
export const shapeOf = ({ detection }: ReadFile): string | undefined => detection.shape?.id
/** Its traces, as they were read. */
export const drafts = ({ traces }: ReadFile) => traces.map(({ trace }) => trace)
