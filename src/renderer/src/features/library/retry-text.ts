import type { ApiOutput } from '#shared/contract/index.ts'
import { plural } from '../../ui/format.ts'

/** What came of trying rejected records again: traces that came in or were there, and records that are left. */
export function retryText({ imported, duplicates, left }: ApiOutput<'imports.retry'>): string {
  const parts = [
    imported > 0 ? `${plural(imported, 'trace')} imported` : '',
    duplicates > 0 ? `${plural(duplicates, 'trace')} already there` : '',
    left > 0 ? `${plural(left, 'record')} still rejected` : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? 'Nothing was left to import.' : `${parts.join(', ')}.`
}
