import { createTokens, NUMBER, SYMBOL, tokenize, type Tokens } from '../../features/tokens.ts'

/** For every step, a cosine between 0 and 1. */
export interface Likeness {
  readonly all: Float32Array
  readonly numbers: Float32Array
  readonly pairs: Float32Array
}

export function createLikeness(steps: number): Likeness {
  return {
    all: new Float32Array(steps + 1),
    numbers: new Float32Array(steps + 1),
    pairs: new Float32Array(steps + 1),
  }
}

/** Which steps share which words, numbers and symbols, weighted by how rare they are in the trace. */
export interface Lexicon {
  /**
   * Cosine of the weights shared by `from` … `to` (steps, inclusive, taken as one) with every step before
   * `before`: of words and numbers, of numbers alone, of pairs of neighbouring tokens.
   */
  compare(from: number, to: number, before: number, into: Likeness): void
  /** Hash of the step's normalised text: equal texts have equal hashes. */
  readonly whole: Int32Array
  /** Hash of the first two tokens. */
  readonly opening: Int32Array
  /** Hash of the first two tokens with every number taken for the same. */
  readonly shape: Int32Array
  /** The same for the first token. */
  readonly start: Int32Array
  /** Tokens of the step. */
  readonly length: Int32Array
}

/** A term in more steps than this says nothing and costs much. */
const COMMONEST = 160

/** Indexes the steps `[start, end, …]` (UTF-16) of `text`. Time is linear but for terms in few steps. */
export function createLexicon(text: string, bounds: Uint32Array): Lexicon {
  const steps = bounds.length >>> 1
  const whole = new Int32Array(steps)
  const opening = new Int32Array(steps)
  const shape = new Int32Array(steps)
  const start = new Int32Array(steps)
  const length = new Int32Array(steps)
  const singles = createIndex()
  const pairs = createIndex()
  const numeric: boolean[] = []
  const tokens = createTokens()
  for (let step = 0; step < steps; step++) {
    tokenize(text, bounds[step * 2]!, bounds[step * 2 + 1]!, tokens)
    let hash = 17
    for (let at = 0; at < tokens.count; at++) {
      const own = tokens.hash[at]!
      hash = (Math.imul(hash, 31) + own) | 0
      if (at === 0) start[step] = shapeOf(tokens, 0)
      if (at < 2) shape[step] = (Math.imul(shape[step]!, 31) + shapeOf(tokens, at)) | 0
      if (at === 1 || tokens.count === 1) opening[step] = hash
      if (at > 0) pairs.add(step, (Math.imul(tokens.hash[at - 1]!, 0x9e3779b1) ^ own) | 0)
      if (tokens.kind[at] === SYMBOL) continue
      numeric[singles.add(step, own)] = tokens.kind[at] === NUMBER
    }
    whole[step] = hash
    length[step] = tokens.count
    singles.endStep()
    pairs.endStep()
  }
  const all = singles.finish(steps, () => true)
  const numbers = singles.finish(steps, (id) => numeric[id]!)
  const both = pairs.finish(steps, () => true)

  function compare(from: number, to: number, before: number, into: Likeness): void {
    all(from, to, before, into.all)
    numbers(from, to, before, into.numbers)
    both(from, to, before, into.pairs)
  }
  return { compare, whole, opening, shape, start, length }
}

/** Brackets count as numbers: an expression starts with either. */
function shapeOf(tokens: Tokens, at: number): number {
  if (tokens.kind[at] === NUMBER) return 1
  if (tokens.kind[at] === SYMBOL && isArithmetic(tokens.value[at]!)) return 1
  return tokens.hash[at]!
}

function isArithmetic(code: number): boolean {
  return (code >= 0x28 && code <= 0x2b) || code === 0x2d || code === 0x2f
}

type Compare = (from: number, to: number, before: number, into: Float32Array) => void

/** Collects the terms of one step after another. */
function createIndex() {
  const ids = new Map<number, number>()
  const terms: number[][] = []
  const postings: number[][] = []
  let own: number[] = []
  return {
    /** Notes a term of the current step; returns its number. */
    add(step: number, key: number): number {
      let id = ids.get(key)
      if (id === undefined) {
        id = postings.length
        ids.set(key, id)
        postings.push([])
      }
      const list = postings[id]!
      if (list.at(-1) !== step) {
        list.push(step)
        own.push(id)
      }
      return id
    },
    endStep(): void {
      terms.push(own)
      own = []
    },
    /** A comparison by the terms that `counts`. */
    finish(steps: number, counts: (id: number) => boolean): Compare {
      const square = new Float32Array(postings.length)
      for (let id = 0; id < postings.length; id++)
        if (counts(id)) square[id] = Math.log(1 + steps / postings[id]!.length) ** 2
      const norm = new Float32Array(steps)
      for (let step = 0; step < steps; step++) {
        let sum = 0
        for (const id of terms[step]!) sum += square[id]!
        norm[step] = sum
      }
      // Round in which a term was last counted, so that a term of several steps counts once.
      const counted = new Int32Array(postings.length)
      let round = 0
      return (from, to, before, into) => {
        into.fill(0)
        round++
        let total = 0
        for (let step = from; step <= to; step++) {
          for (const id of terms[step]!) {
            const weight = square[id]!
            if (weight === 0 || counted[id] === round) continue
            counted[id] = round
            total += weight
            const list = postings[id]!
            if (list.length > COMMONEST) continue
            for (const other of list) {
              if (other >= before) break
              into[other]! += weight
            }
          }
        }
        if (total === 0) return
        for (let step = 0; step < before; step++) {
          if (into[step]! > 0) into[step] = into[step]! / Math.sqrt(total * norm[step]!)
        }
      }
    },
  }
}
