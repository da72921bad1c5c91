import type { FilterInput } from '#shared/contract/filter.ts'
import type { AppContext } from '../../app/context.ts'

/** Measures the reasoning graphs of a selection, where that was not done since they changed, and says so. */
export async function measureGraphs(
  { engine, session, toasts }: AppContext,
  filter: FilterInput,
): Promise<void> {
  try {
    session.follow(await engine.call('graphs.build', { filter }))
    toasts.show('Measuring the reasoning graphs. Their columns fill when it is done.', { key: 'graphs' })
  } catch (thrown) {
    toasts.fail(thrown)
  }
}
