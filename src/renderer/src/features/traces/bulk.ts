import type { FilterInput } from '#shared/contract/filter.ts'
import type { AppContext } from '../../app/context.ts'
import { putCurateSource } from '../../app/curate-source.ts'
import { count, plural } from '../../ui/format.ts'
import type { Marks } from './marks.svelte.ts'

/** Starts to classify what is marked and has no prediction yet, and tells where one sees it. */
export async function classifyMarked(app: AppContext, marks: Marks): Promise<void> {
  const { engine, session, toasts, router } = app
  try {
    session.follow(await engine.call('classify.start', { filter: marks.filter }))
    const action = { label: 'Show progress', run: () => router.go('#/library') }
    toasts.show('Classifying what has no prediction yet.', { action })
  } catch (thrown) {
    toasts.fail(thrown)
  }
}

/** Goes to Curate with a selection as what sets are made from. */
export function curateThese({ router }: AppContext, filter: FilterInput): void {
  putCurateSource(filter)
  router.go('#/curate')
}

/** Copies the numbers of what is marked, one a line; `total` traces fit the filter. */
export async function copyNumbers({ toasts }: AppContext, marks: Marks, total: number): Promise<void> {
  if (!marks.any) return toasts.show('No trace is marked. Space marks the one you are on.')
  try {
    const numbers = await marks.numbers()
    await navigator.clipboard.writeText(numbers.join('\n'))
    const left = marks.count(total) - numbers.length
    toasts.show(`Copied ${plural(numbers.length, 'number')}${left > 0 ? `, ${count(left)} left out` : ''}.`)
  } catch (thrown) {
    const refused = thrown instanceof DOMException
    toasts.fail(refused ? new Error('The clipboard refused. Export the traces instead.') : thrown)
  }
}
