import type { Json } from '#shared/domain/trace.ts'
import { toBoolean, toReference } from './support/coerce.ts'
import { isList, isObject, own, ownObject, ownText, without } from './support/record.ts'
import { kindOf, noResponse, rejection } from './support/reject.ts'
import { blankTrace, codedShape, share } from './support/shape.ts'

const VERDICT_FOLDER = /^(?:in)?correct_base_solution(?:_.*)?$/

/**
 * Places chunks in the solution, in order and verbatim. `start` and `end` are UTF-16 offsets; a chunk
 * that is not there word for word (the annotation pipeline rewrote some) has null offsets and a note.
 */
function alignChunks(solution: string, chunks: readonly Json[]): Json[] {
  let from = 0
  return chunks.map((chunk) => {
    const text = isObject(chunk) ? ownText(chunk, 'chunk') : null
    if (!isObject(chunk) || text === null || text === '') return chunk
    const start = solution.indexOf(text, from)
    if (start === -1) return { ...chunk, start: null, end: null, note: 'not verbatim in the response' }
    from = start + text.length
    return { ...chunk, start, end: from }
  })
}

/**
 * thought-anchors problem folders: the base solution, and its sentences with function tags and
 * `depends_on` (chunk numbers as strings), which go to `metadata.chunks` with their offsets. The run is
 * the model's folder; the key tells right and wrong solutions of a problem apart.
 */
export const thoughtAnchors = codedShape({
  id: 'thought_anchors',
  title: 'thought-anchors problem folders',
  detect: (sample) =>
    share(
      sample,
      (record) => ownText(record, 'folder') !== null && ownObject(record, 'base_solution') !== null,
    ),
  read(record) {
    const base = ownObject(record, 'base_solution') ?? {}
    const solution = own(base, 'solution')
    if (typeof solution !== 'string')
      throw rejection('no_response', noResponse('base_solution.solution', kindOf(solution)))
    const prompt = ownText(base, 'prompt') ?? ''
    const problem = ownObject(record, 'problem')
    const chunks = own(record, 'chunks_labeled')
    const folders = (ownText(record, 'folder') ?? '').split(/[/\\!]+/).filter((part) => part !== '')
    const at = folders.findLastIndex((part) => VERDICT_FOLDER.test(part))
    const repeated = ownText(base, 'full_cot') === prompt + solution
    const rest = without(base, ['prompt', 'solution', 'is_correct', ...(repeated ? ['full_cot'] : [])])
    const metadata = {
      ...without(record, ['base_solution', 'chunks_labeled', 'problem']),
      ...rest,
      ...(problem === null ? {} : { problem: without(problem, ['gt_answer']) }),
      ...(isList(chunks) ? { chunks: alignChunks(solution, chunks) } : {}),
    }
    return {
      traces: [
        {
          ...blankTrace(prompt, solution, metadata),
          run: folders[at - 1] ?? null,
          key: folders.slice(at === -1 ? -1 : at).join('/') || null,
          reference: problem === null ? null : toReference(own(problem, 'gt_answer')),
          correct: toBoolean(own(base, 'is_correct')),
        },
      ],
    }
  },
})
