import type { Span } from '#shared/domain/trace.ts'
import { createHighlighter, drawnRanges } from './text-ranges.ts'
import type { Trace } from './trace.svelte.ts'

/**
 * Paints hits and what is pointed at over the rows within `list`, again whenever rows are drawn. For
 * use as an attachment. Drawn formulas, whose text cannot be seen, get `data-find`, `data-current` and
 * `data-spot` instead.
 */
export function paintReading(list: HTMLElement, trace: Trace): () => void {
  const painters = (['find', 'find-current', 'spot'] as const).map((name) => createHighlighter(name))
  const [found, current, spot] = painters as [Painter, Painter, Painter]

  function paint() {
    const { reading } = trace
    const { hits, at, open } = reading.find
    const all = open && at >= 0 ? drawnRanges(list, hits) : []
    const one = open ? rangesOf(reading.find.current) : []
    const pointedRanges = rangesOf(reading.spot)
    found(all)
    current(one)
    spot(pointedRanges)
    markFormulas('find', all)
    markFormulas('spot', pointedRanges)
  }

  const rangesOf = (span: Span | null) =>
    span === null ? [] : drawnRanges(list, Uint32Array.of(span.start, span.end))

  function markFormulas(name: string, ranges: readonly Range[]) {
    const wanted = new Set(
      ranges.map(({ startContainer }) => startContainer.parentElement?.closest('[data-formula]')),
    )
    for (const formula of list.querySelectorAll(`[data-formula][data-${name}]`))
      if (!wanted.has(formula)) formula.removeAttribute(`data-${name}`)
    for (const formula of wanted) formula?.setAttribute(`data-${name}`, '')
  }

  const rows = new MutationObserver(paint)
  rows.observe(list, { childList: true, characterData: true, subtree: true })
  $effect(paint)
  return () => {
    rows.disconnect()
    for (const painter of painters) painter([])
  }
}

type Painter = ReturnType<typeof createHighlighter>

/** Marks the drawn formulas that are selected whole: a selection does not show in them by itself. */
export function markSelectedFormulas(list: Element, selection: Selection | null): void {
  const some = selection !== null && !selection.isCollapsed && selection.rangeCount > 0
  for (const formula of list.querySelectorAll('[data-formula]'))
    formula.toggleAttribute('data-selected', some && selection.containsNode(formula, true))
}
