import type { Span } from '#shared/domain/trace.ts'
import { finalAnswer } from './answer.ts'
import { Find } from './find.svelte.ts'

/** How one trace is being read: what is looked for, pointed at and kept in sight. Spans are UTF-16. */
export class Reading {
  readonly find: Find
  /** Whether the prompt is kept in sight above the text. */
  prompt = $state(false)
  /** A formula that is shown as it is written although formulas are drawn. */
  source = $state.raw<Span | null>(null)
  /** A stretch of text that is pointed at. */
  spot = $state.raw<Span | null>(null)
  /** What was selected last in the text; a palette or menu that is open does not take it away. */
  selected = $state.raw<Span | null>(null)
  /** Brings a stretch of text into sight; given by the text. */
  show: (span: Span) => void = () => undefined

  readonly #response: () => string
  readonly answer = $derived.by(() => finalAnswer(this.#response()))

  constructor(response: () => string) {
    this.#response = response
    this.find = new Find(response)
  }
}
