import type { FindHits, FindQuery } from './find-pattern.ts'
import type { FindAnswer, FindRequest } from './find-worker.ts'

/** Longer searches are given up: the person is waiting. */
const TIME_LIMIT_MS = 2000
/** Hits beyond these are neither counted nor shown. */
export const MOST_HITS = 200_000

/** What a search found, or why it could not be done, in words for the person. */
export type Found = FindHits | { readonly problem: string }

/** Searches one text on a thread of its own. Searches are made one after another by the caller. */
export class Finder {
  #worker: Worker | null = null
  readonly #text: () => string

  constructor(text: () => string) {
    this.#text = text
  }

  search(query: FindQuery): Promise<Found> {
    const known = this.#worker !== null
    const worker = (this.#worker ??= new Worker(new URL('./find-worker.ts', import.meta.url), {
      type: 'module',
    }))
    return new Promise((resolve) => {
      const settle = (found: Found) => {
        clearTimeout(timer)
        worker.onmessage = worker.onerror = null
        resolve(found)
      }
      const timer = setTimeout(() => {
        this.stop()
        settle({ problem: 'This pattern takes too long on this text. Make it simpler.' })
      }, TIME_LIMIT_MS)
      worker.onmessage = ({ data }: MessageEvent<FindAnswer>) => {
        settle('syntax' in data ? { problem: readable(data.syntax) } : data)
      }
      worker.onerror = () => {
        this.stop()
        settle({ problem: 'The search stopped. Type again to repeat it.' })
      }
      const request: FindRequest = { text: known ? null : this.#text(), query, limit: MOST_HITS }
      worker.postMessage(request)
    })
  }

  /** Ends the thread; the next search starts another. */
  stop(): void {
    this.#worker?.terminate()
    this.#worker = null
  }
}

/** The reason that the engine gives, without the pattern that it repeats. */
function readable(message: string): string {
  const reason = message.slice(message.lastIndexOf(': ') + 2)
  return `This pattern cannot be read: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}.`
}
