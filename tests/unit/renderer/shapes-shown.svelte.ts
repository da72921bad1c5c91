import { flushSync } from 'svelte'
import { Shapes } from '#renderer/features/tree/shapes.svelte.ts'
import type { Engine } from '#renderer/app/engine.svelte.ts'
import { parseSelection } from '#renderer/features/traces/selection-url.ts'

/** How often an effect runs that shows a selection, until its traces are counted. */
export async function runsOf(query: string): Promise<number> {
  const shapes = new Shapes({ call: () => Promise.resolve(9) } as unknown as Engine)
  const selection = parseSelection(query)
  let runs = 0
  let shown: Promise<void> | undefined
  const stop = $effect.root(() => {
    $effect(() => {
      runs++
      shown = shapes.show(selection)
    })
  })
  flushSync()
  await shown
  flushSync()
  stop()
  return runs
}
