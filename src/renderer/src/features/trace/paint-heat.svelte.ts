import { LEVELS } from './heat.svelte.ts'
import { createHighlighter, drawnRanges } from './text-ranges.ts'
import type { Trace } from './trace.svelte.ts'

/** Marks surprising tokens of the rows within `list`, again whenever rows are drawn. For use as an attachment. */
export function paintHeat(list: HTMLElement, trace: Trace): () => void {
  const painters = LEVELS.map((_, level) => createHighlighter(`heat-${level + 1}`))

  function paint() {
    const { shown, spans } = trace.heat
    painters.forEach((painter, level) => painter(shown ? drawnRanges(list, spans[level]!) : []))
  }

  const rows = new MutationObserver(paint)
  rows.observe(list, { childList: true, characterData: true, subtree: true })
  $effect(paint)
  return () => {
    rows.disconnect()
    for (const painter of painters) painter([])
  }
}
