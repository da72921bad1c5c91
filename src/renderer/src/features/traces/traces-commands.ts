import type { Command } from '../../app/command.ts'

export interface TracesActions {
  search(): void
  open(): void
  /** By so many rows from the current one. */
  move(by: number): void
  moveTo(row: 'first' | 'last'): void
  /** Marks the current row, or takes its mark away. */
  mark(): void
  /** Goes on by a row and marks what lies between. */
  extend(by: 1 | -1): void
  markAll(): void
  unmark(): void
  export(): void
  /** Goes to Curate with what is marked, else with all that fit. */
  curate(): void
  copy(): void
  /** The column whose header has the focus, by so many pixels. */
  widen(by: number): void
  toggleCharts(): void
  clear(): void
  /** Measures the reasoning graphs of the selection. */
  measure(): void
  /** Checks the answers of the selection. */
  check(): void
  /** Shows the steps of the selection in groups of like ones. */
  groupSteps(): void
  /** Shows the shapes of the selection. */
  shapes(): void
}

const PAGE = 20
const WIDER = 16

/** The commands of the Traces view. */
export function tracesCommands(actions: TracesActions): readonly Command[] {
  const at = (id: string, title: string, keys: readonly string[], run: () => void): Command => ({
    ...{ id, title, keys, run },
    group: 'Traces',
  })
  return [
    at('search', 'Search', ['/', 'mod+f'], () => actions.search()),
    at('open', 'Open the trace', ['Enter'], () => actions.open()),
    at('down', 'Next row', ['j', 'ArrowDown'], () => actions.move(1)),
    at('up', 'Row before', ['k', 'ArrowUp'], () => actions.move(-1)),
    at('page-down', 'Page down', ['PageDown'], () => actions.move(PAGE)),
    at('page-up', 'Page up', ['PageUp'], () => actions.move(-PAGE)),
    at('first', 'First row', ['Home'], () => actions.moveTo('first')),
    at('last', 'Last row', ['End'], () => actions.moveTo('last')),
    at('mark', 'Mark the row', [' '], () => actions.mark()),
    at('mark-down', 'Mark on to the next row', ['shift+ArrowDown', 'J'], () => actions.extend(1)),
    at('mark-up', 'Mark on to the row before', ['shift+ArrowUp', 'K'], () => actions.extend(-1)),
    at('mark-all', 'Mark all that fit', ['mod+a'], () => actions.markAll()),
    at('unmark', 'Unmark all', ['Escape'], () => actions.unmark()),
    at('export', 'Export…', ['e'], () => actions.export()),
    at('curate-these', 'Curate these…', [], () => actions.curate()),
    at('copy-numbers', 'Copy the numbers of marked traces', [], () => actions.copy()),
    at('column-wider', 'Widen the column whose header has the focus', ['shift+ArrowRight'], () =>
      actions.widen(WIDER),
    ),
    at('column-narrower', 'Narrow the column whose header has the focus', ['shift+ArrowLeft'], () =>
      actions.widen(-WIDER),
    ),
    at('charts', 'Show or hide distributions in the header', [], () => actions.toggleCharts()),
    at('clear', 'Clear the filter', [], () => actions.clear()),
    at('shapes', 'Shapes of the traces', [], () => actions.shapes()),
    at('groups', 'Groups of similar steps', ['F'], () => actions.groupSteps()),
    at('check', 'Check the answers', [], () => actions.check()),
    at('measure', 'Measure the reasoning graphs', [], () => actions.measure()),
  ]
}
