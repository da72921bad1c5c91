import { count, plain } from '../../ui/format.ts'
import type { Detail } from './trace.svelte.ts'

/** What is known of a trace beside its text, as name and value; what the file does not say is left out. */
export function factsOf({ row, sourceName, place, prediction }: Detail): [string, string][] {
  const facts: [string, string | null][] = [
    ['Run', row.run],
    ['Training step', row.checkpoint === null ? null : plain(row.checkpoint)],
    ['Length', `${count(row.length)} characters`],
    ['Tokens', row.tokens === null ? null : count(row.tokens)],
    ['Model', prediction === null ? null : `${prediction.model} ${prediction.version}`],
    ['Source', sourceName.split(/[\\/]/).slice(-2).join('/')],
    ['Place', place.line === null ? `record ${count(place.row + 1)}` : `line ${count(place.line)}`],
  ]
  return facts.filter((fact): fact is [string, string] => fact[1] !== null)
}
