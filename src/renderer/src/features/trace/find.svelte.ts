import { firstEndingAfter } from '#shared/domain/sorted.ts'
import type { Span } from '#shared/domain/trace.ts'
import type { FindQuery } from './find-pattern.ts'
import { Finder } from './finder.ts'

const NONE = new Uint32Array(0)
const NOTHING: FindQuery = { text: '', kind: 'plain', matchCase: false }
/** What was looked for last, in whichever trace. */
let last = NOTHING

/** Searching within one trace. Hits are UTF-16 ranges of the response. */
export class Find {
  /** Whether the bar is shown, and the hits with it. */
  open = $state(false)
  /** Counts requests to type into the bar. */
  summoned = $state(0)
  query = $state.raw<FindQuery>(NOTHING)
  hits = $state.raw<Uint32Array>(NONE)
  /** More hits than are counted. */
  more = $state(false)
  /** The hit one is at, −1 when there is none. */
  at = $state(-1)
  problem = $state<string | null>(null)
  /** Whether the hits are those of the query. */
  settled = $state(true)

  readonly count = $derived(this.hits.length / 2)
  readonly current = $derived<Span | null>(
    this.at < 0 ? null : { start: this.hits[this.at * 2]!, end: this.hits[this.at * 2 + 1]! },
  )
  /** Brings a hit into sight; given by the text. */
  onhit: (span: Span) => void = () => undefined
  /** Offset from which the first hit is sought: what is being read. */
  origin: () => number = () => 0

  readonly #finder: Finder
  #running = false

  constructor(text: () => string) {
    this.#finder = new Finder(text)
  }

  /** Shows the bar to type in. */
  summon(): void {
    this.open = true
    this.summoned++
    if (this.query.text === '' && last.text !== '') this.ask(last)
  }

  /** Shows the hits of a full-text query, without taking the focus. */
  show(words: string): void {
    this.open = true
    this.ask({ text: words, kind: 'words', matchCase: false }, 0)
  }

  /** Looks for something else, first at or after `from`. */
  ask(query: FindQuery, from = this.current?.start ?? this.origin()): void {
    this.query = query
    if (query.kind !== 'words') last = query
    void this.#run(from)
  }

  move(direction: 1 | -1): void {
    if (this.count === 0) return
    this.#goTo((this.at + direction + this.count) % this.count)
  }

  close(): void {
    this.open = false
    this.summoned = 0
    this.query = NOTHING
    this.#take(NONE, false, null)
    this.#finder.stop()
  }

  async #run(from: number): Promise<void> {
    this.settled = false
    if (this.#running) return
    this.#running = true
    for (let query: FindQuery | null = null; query !== this.query;) {
      query = this.query
      const found = query.text === '' ? { hits: NONE, more: false } : await this.#finder.search(query)
      if (query !== this.query) continue
      if ('problem' in found) this.#take(NONE, false, found.problem)
      else this.#take(found.hits, found.more, null)
    }
    this.#running = false
    this.settled = true
    if (this.count > 0) this.#goTo(firstEndingAfter(this.hits, from) % this.count)
  }

  #take(hits: Uint32Array, more: boolean, problem: string | null): void {
    this.at = -1
    this.hits = hits
    this.more = more
    this.problem = problem
  }

  #goTo(at: number): void {
    this.at = at
    this.onhit(this.current!)
  }
}
