import type { TreeItem } from '#shared/domain/graph/view/outline.ts'

/** What became of an item, for people. */
export const FATE_WORDS: Readonly<Record<TreeItem['fate'], string>> = {
  answer: 'the answer rests on it',
  refuted: 'refuted',
  abandoned: 'abandoned',
  superseded: 'superseded',
  open: 'left open',
}

export const KIND_WORDS: Readonly<Record<TreeItem['kind'], string>> = {
  problem: 'problem',
  node: 'state',
  leaf: 'tried operation',
  attempt: 'attempt',
  operation: 'operation',
  episode: 'episode',
  check: 'check',
  subgoal: 'subgoal',
  path: 'path',
  case: 'case',
  chunk: 'sentence',
  loop: 'loop',
}
