import type { AppContext } from '../../app/context.ts'
import type { Command } from '../../app/commands.svelte.ts'
import { copyAs, type CopyFormat } from './copy.ts'
import { heatLook } from './heat.svelte.ts'
import { math } from './math.svelte.ts'
import type { Trace } from './trace.svelte.ts'

export const FORMATS: readonly { readonly format: CopyFormat; readonly name: string }[] = [
  { format: 'text', name: 'text' },
  { format: 'markdown', name: 'Markdown' },
  { format: 'json', name: 'JSON' },
]

/** Copies the selected text, or the whole trace when nothing is selected, and says so. */
export async function copyTrace({ toasts }: AppContext, trace: Trace, format: CopyFormat): Promise<void> {
  const span = trace.reading.selected
  // A copy that says what is known of the trace says all of it.
  if (format !== 'text') await trace.over
  const { detail, thresholds, labels, own } = trace
  if (detail === null) return
  const text = copyAs(format, { detail, thresholds, labels: labels.all, own: own.told() }, span)
  const name = FORMATS.find((one) => one.format === format)!.name
  try {
    await navigator.clipboard.writeText(text)
    toasts.show(`Copied the ${span === null ? 'trace' : 'selection'} as ${name}`, { key: 'copy' })
  } catch {
    toasts.show('The clipboard cannot be written to. Select the text and copy it with the keyboard.', {
      tone: 'bad',
      key: 'copy',
    })
  }
}

/** Draws formulas, or shows them as they are written. */
export function toggleMath({ toasts }: AppContext): void {
  math.toggle().catch(() => toasts.show('Formulas cannot be drawn: a file is missing.', { tone: 'bad' }))
}

/** Marks what surprises a language model, or leaves it; says what to do where none has scored the trace. */
export function toggleHeat({ toasts }: AppContext, trace: Trace): void {
  heatLook.on = !heatLook.on
  if (heatLook.on && trace.heat.scores === null)
    toasts.show(
      'No language model has scored this trace yet. Choose one in Models and have it score the traces.',
      { key: 'heat' },
    )
}

/** Brings the final answer into sight; the last step where none is marked. */
export function showAnswer({ toasts }: AppContext, trace: Trace): void {
  const { reading, detail } = trace
  const end = detail?.response.trimEnd().length ?? 0
  if (end === 0) return
  if (reading.answer === null) toasts.show('No final answer is marked: this is the end.', { key: 'answer' })
  const span = reading.answer ?? { start: end - 1, end }
  reading.spot = reading.answer
  reading.show(span)
}

/** The commands for reading: finding, formulas, size of the text, prompt and answer, copying. */
export function readingCommands(
  app: AppContext,
  trace: () => Trace,
  showLabels: () => void,
): readonly Command[] {
  const { preferences } = app
  const reading = () => trace().reading
  const at = (id: string, title: string, keys: string[], run: () => void): Command => ({
    id: `trace-${id}`,
    title,
    group: 'Trace',
    keys,
    run,
  })
  const look = (...given: Parameters<typeof at>): Command => ({ ...at(...given), group: 'Look' })
  return [
    at('find', 'Find in the text', ['/', 'mod+f'], () => reading().find.summon()),
    at('find-next', 'Next hit', ['F3', 'mod+g'], () => reading().find.move(1)),
    at('find-before', 'Hit before', ['shift+F3', 'mod+shift+g'], () => reading().find.move(-1)),
    at('prompt', 'Keep the prompt in sight', ['p'], () => (reading().prompt = !reading().prompt)),
    at('answer', 'Final answer', ['a'], () => showAnswer(app, trace())),
    at('labels-here', 'Labels on this step, one by one', ['L'], showLabels),
    look('math', 'Draw formulas', ['m'], () => toggleMath(app)),
    look('heat', 'Surprising words as heat', ['h'], () => toggleHeat(app, trace())),
    look('larger', 'Larger text', ['+', '='], () => preferences.stepTextSize(1)),
    look('smaller', 'Smaller text', ['-'], () => preferences.stepTextSize(-1)),
    ...FORMATS.map(({ format, name }) =>
      at(`copy-${format}`, `Copy as ${name}`, [], () => void copyTrace(app, trace(), format)),
    ),
  ]
}
