/**
 * People who annotate differently, simulated: what each makes of the labels that a file has. Their words are others than
 * those that the heads of the ensemble were made with.
 */
export interface Annotator {
  name: string
  /** Behaviours that they see differently; the others are told of nothing. */
  columns: readonly number[]
  /** Of one trace: labels of a behaviour (0 or 1 a step) as given, and the steps' texts. */
  label(given: Uint8Array, texts: readonly string[], column: number): Uint8Array
}

const EXPLICIT =
  /\b(check|checks|checking|checked|verify|verifying|verified|confirm|confirms|confirming|re-?check|double-?check|sanity|plug|plugging|substitute|recalculate|recompute|test|prove)\b/i
const DOUBTS = /^\W*(wait|but wait|hmm|hm|actually|no,|hold on|oh)\b/i

export const ANNOTATORS: readonly Annotator[] = [
  { name: 'as labelled', columns: [0, 1, 2], label: (given) => given },
  {
    name: 'verification only when explicit',
    columns: [0],
    label: (given, texts) => given.map((shown, step) => (shown === 1 && EXPLICIT.test(texts[step]!) ? 1 : 0)),
  },
  {
    name: 'a check is its first sentence',
    columns: [0],
    label: (given) => given.map((shown, step) => (shown === 1 && given[step - 1] !== 1 ? 1 : 0)),
  },
  {
    name: 'every doubt is backtracking',
    columns: [1],
    label: (given, texts) => given.map((shown, step) => (shown === 1 || DOUBTS.test(texts[step]!) ? 1 : 0)),
  },
]
