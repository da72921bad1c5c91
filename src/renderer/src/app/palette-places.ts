import type { ApiOutput } from '#shared/contract/index.ts'
import { chooseNext, formatSelection, readViews } from '../features/traces/index.ts'
import type { Command } from './command.ts'
import { traceHref, tracesHref } from './route.ts'

/** The trace whose number was typed. */
export function numberPlace(query: string, go: (href: string) => void): Command[] {
  const number = /^#?([1-9]\d{0,14})$/.exec(query.trim())?.[1]
  if (number === undefined) return []
  const href = traceHref(Number(number), '')
  return [{ id: 'place-trace', title: `Go to trace No. ${number}`, group: 'Go to', run: () => go(href) }]
}

/** Runs, to be found by name among the commands. */
export function runPlaces(
  query: string,
  runs: ApiOutput<'workspace.runs'>,
  go: (href: string) => void,
): Command[] {
  if (query.trim() === '') return []
  return runs.map(({ id, name }) => ({
    id: `place-run-${id}`,
    title: `Go to run ${name}`,
    group: 'Go to',
    run: () => go(tracesHref(formatSelection({ filter: { runs: [name] } }))),
  }))
}

/** Saved views of the traces, under the ids that the Traces view itself gives them. */
export function viewPlaces(views: ApiOutput<'views.list'>, go: (href: string) => void): Command[] {
  return readViews(views).map((view) => ({
    id: `view-${view.name}`,
    title: `View: ${view.name}`,
    group: 'Traces',
    run() {
      chooseNext(view)
      go(tracesHref(view.state.query))
    },
  }))
}

/** The last thing to offer: a search of all traces for what was typed. */
export function searchPlace(query: string, go: (href: string) => void): Command[] {
  const text = query.trim()
  if (text.length < 2) return []
  const href = tracesHref(formatSelection({ filter: { search: text } }))
  return [
    { id: 'place-search', title: `Search the traces for “${text}”`, group: 'Go to', run: () => go(href) },
  ]
}
