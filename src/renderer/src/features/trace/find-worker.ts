import { compileFind, findAll, foldMarks, type FindHits, type FindQuery } from './find-pattern.ts'

/** `text` is sent once, before the first query on it. */
export interface FindRequest {
  readonly text: string | null
  readonly query: FindQuery
  readonly limit: number
}
export type FindAnswer = FindHits | { readonly syntax: string }

let text = ''

/** Searching happens here because a pattern can take for ever, and a thread can be ended. */
addEventListener('message', ({ data }: MessageEvent<FindRequest>) => {
  text = data.text ?? text
  try {
    const pattern = compileFind(data.query)
    const found =
      pattern === null
        ? null
        : findAll(data.query.kind === 'words' ? foldMarks(text) : text, pattern, data.limit)
    postMessage(found ?? { hits: new Uint32Array(0), more: false })
  } catch (thrown) {
    postMessage({ syntax: (thrown as Error).message })
  }
})
