import type { GraphEdit } from './edits.ts'

const FATES = {
  answer: 'mark a branch as answer',
  abandoned: 'mark a branch as dead',
  refuted: 'mark a branch as refuted',
  superseded: 'mark a branch as superseded',
  open: 'mark a branch as open',
}

/** Edits of a graph in words, as a history tells them: "move a return point". */
export function editWords(
  changes: readonly { readonly before: GraphEdit | null; readonly after: GraphEdit | null }[],
): string {
  const words = changes.map(({ before, after }) => {
    const { change } = (after ?? before)!
    return after === null ? `take back: ${wordsOf(change)}` : wordsOf(change)
  })
  return [...new Set(words)].join(', ')
}

function wordsOf(change: GraphEdit['change']): string {
  if (change.kind === 'attach') return 'attach a node elsewhere'
  if (change.kind === 'return') return change.to === null ? 'remove a return' : 'move a return point'
  if (change.kind === 'split') return 'split a node'
  if (change.kind === 'merge') return 'merge two nodes'
  return FATES[change.fate]
}
