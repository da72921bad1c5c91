import type { TraceDetail } from '#shared/contract/traces.ts'
import type { Outcome, Verdict } from '#shared/domain/answers/index.ts'
import { count, paint, percent, table } from '../terminal.ts'

/** A verdict beside what the file says. */
export interface Verified {
  /** The trace without its texts: a file of any size fits. */
  readonly trace: Pick<TraceDetail, 'row' | 'sourceName' | 'place'>
  /** What the file says; null where it says nothing. */
  readonly claim: boolean | null
  readonly verdict: Verdict
  /** Whether the file says the same; null where it says nothing, or there is no verdict. */
  readonly agrees: boolean | null
}

/** One line a run, checkpoint and checker, and below it the first `shown` disagreements. */
export function summarise(results: readonly Verified[], shown: number, write: (line: string) => void): void {
  const groups = Map.groupBy(
    results,
    ({ trace, verdict }) => `${trace.row.run}\n${trace.row.checkpoint ?? ''}\n${verdict.checker}`,
  )
  const of = (group: readonly Verified[], outcome: Outcome) =>
    group.filter(({ verdict }) => verdict.outcome === outcome).length
  const rows = [...groups.values()].map((group) => {
    const { trace, verdict } = group[0]!
    const compared = group.filter(({ agrees }) => agrees !== null)
    const agreed = compared.filter(({ agrees }) => agrees).length
    return [
      trace.row.run,
      trace.row.checkpoint,
      verdict.checker,
      group.length,
      of(group, 'correct'),
      of(group, 'incorrect'),
      of(group, 'no_answer'),
      of(group, 'unknown'),
      compared.length,
      compared.length === 0 ? null : percent(agreed / compared.length),
      compared.length - agreed,
    ]
  })
  const headers = [
    'run',
    'checkpoint',
    'checker',
    'traces',
    'correct',
    'incorrect',
    'no answer',
    'unknown',
    'compared',
    'agree',
    'disagree',
  ]
  write(table(headers, rows))
  const disagreements = results.filter(({ agrees }) => agrees === false)
  if (disagreements.length === 0 || shown === 0) return
  write('')
  for (const { trace, claim, verdict } of disagreements.slice(0, shown)) {
    const { run, checkpoint, key, sample } = trace.row
    const name = [run, checkpoint, key, sample].filter((part) => part !== null).join(' · ')
    write(
      `${name}: file says ${claim ? 'correct' : 'incorrect'}, Cairn ${paint('bold', verdict.outcome)} (${verdict.reason}); answer ${quoted(verdict.extracted)}, reference ${quoted(verdict.reference)}`,
    )
  }
  if (disagreements.length > shown) write(`and ${count(disagreements.length - shown)} more; --json lists all`)
}

function quoted(text: string | null): string {
  if (text === null) return 'none'
  const line = text.replace(/\s+/g, ' ')
  return `"${line.length > 60 ? `${line.slice(0, 59)}…` : line}"`
}
