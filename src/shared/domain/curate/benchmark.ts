import { countdownProblem } from '../countdown/problem.ts'
import { hashText } from './hash.ts'

/** Texts of a benchmark with an n-gram from which on it is wording, and no item's own (Brown et al. 2020). */
const COMMON = 10

/** The texts that must not be in a training set. */
export interface Benchmark {
  /** @param name of the file the text is from */
  add(text: string, name: string): void
  /** What a row shares with it, in words; null where there is nothing. */
  overlap(prompt: string, texts: readonly string[]): string | null
}

/**
 * Compares rows with a benchmark by n-grams of words. N-grams of more than ten different texts are the wording of its
 * questions, and count for nothing; Countdown problems, which are nothing but wording, are compared by their numbers.
 * @param n words of an n-gram
 */
export function createBenchmark(n: number): Benchmark {
  const grams = new Map<number, { name: string; texts: number; last: number }>()
  const wholes = new Map<number, string>()
  const problems = new Map<string, string>()

  const inGrams = (text: string): string | null => {
    for (const { key, words } of ngrams(text, n)) {
      const found = grams.get(key)
      if (found !== undefined && found.texts <= COMMON) return `"${words}" is in ${found.name}`
    }
    return null
  }

  return {
    add(text, name) {
      const whole = wholeKey(text)
      if (text.trim() === '' || wholes.has(whole)) return
      wholes.set(whole, name)
      const problem = problemKey(text)
      if (problem !== null) problems.set(problem, name)
      for (const { key } of ngrams(text, n)) {
        const known = grams.get(key)
        if (known === undefined) grams.set(key, { name, texts: 1, last: whole })
        else if (known.last !== whole) {
          known.texts++
          known.last = whole
        }
      }
    },
    overlap(prompt, texts) {
      if (wholes.size === 0) return null
      const same = wholes.get(wholeKey(prompt))
      if (same !== undefined) return `its prompt is in ${same}`
      const problem = problemKey(prompt)
      if (problem !== null) {
        const name = problems.get(problem)
        return name === undefined ? null : `the same numbers and target are in ${name}`
      }
      for (const text of [prompt, ...texts]) {
        const shared = inGrams(text)
        if (shared !== null) return shared
      }
      return null
    },
  }
}

/** A Countdown problem whatever its wording and the order of its numbers; null for any other text. */
export function problemKey(prompt: string): string | null {
  const problem = countdownProblem(prompt, {})
  if (problem === null) return null
  return `${problem.numbers.toSorted((a, b) => a - b).join(',')}=${problem.target}`
}

/** A whole text, for those shorter than an n-gram. */
const wholeKey = (text: string): number => hashText(wordsOf(text).join(' '))

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

/** Runs of n words, lower case, as decontamination of training sets compares them (Brown et al. 2020 use 13). */
function* ngrams(text: string, n: number): Generator<{ key: number; words: string }> {
  const words = wordsOf(text)
  for (let at = 0; at + n <= words.length; at++) {
    const run = words.slice(at, at + n).join(' ')
    yield { key: hashText(run), words: run }
  }
}
