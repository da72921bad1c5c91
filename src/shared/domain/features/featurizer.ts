import { givesAnswer } from './answer.ts'
import { readArithmetic, type Arithmetic } from './arithmetic.ts'
import { AT, DENSE_FEATURES, FEATURE_VERSION, type FeatureConfig, type StepFeatures } from './config.ts'
import { hashPair } from './hash.ts'
import { createMemory } from './memory.ts'
import {
  BOUNDARY,
  TARGET,
  KNOWN,
  UNKNOWN,
  NUMBERS,
  WORDS,
  OPENING,
  PAIRS,
  REPEATED,
  SHAPE,
  RESULTS,
  EXPRESSIONS,
  LEAVES,
  UNIGRAMS,
  NGRAMS,
  NUMERALS,
  FIRST_GAP,
  FIRST_LAST,
  OPENING_LAST,
  FIRST_FIRST,
  FLAGS,
  REPEAT_FLAGS,
} from './namespaces.ts'
import { readProblem, type Problem } from './problem.ts'
import { createSparse } from './sparse.ts'
import { readSurface } from './surface.ts'
import { createTokens, NUMBER, SYMBOL, tokenize, WORD } from './tokens.ts'

export interface Featurizer {
  /** Index of the highest feature; the model's table has one row more (row 0 is padding). */
  readonly size: number
  /**
   * Features of every step of one trace.
   *
   * @param text the response, any string
   * @param bounds flat `[start, end, start, end, …]` of the steps, UTF-16 offsets into `text`, ascending
   * @param prompt the prompt's text, empty when there is none
   * @returns arrays of the caller's own; nothing in them depends on traces seen before
   */
  featurize(text: string, bounds: Uint32Array, prompt: string): StepFeatures
}

const OPENING_STEPS = 2

/**
 * An extractor with its own buffers; not to be shared between threads.
 * @throws RangeError when `config` was made for other rules than these
 */
export function createFeaturizer(config: FeatureConfig): Featurizer {
  if (config.version !== FEATURE_VERSION || config.dense !== DENSE_FEATURES.length) {
    throw new RangeError(
      `the model wants feature rules ${config.version} with ${config.dense} dense features, this program has ` +
        `${FEATURE_VERSION} with ${DENSE_FEATURES.length}; install the model that belongs to this version`,
    )
  }
  const width = config.dense
  const tokens = createTokens()
  const memory = createMemory()
  const sparse = createSparse(config)
  let sequence = new Int32Array(256)

  function featurize(text: string, bounds: Uint32Array, prompt: string): StepFeatures {
    const steps = bounds.length >>> 1
    const dense = new Float32Array(steps * width)
    memory.begin()
    sparse.begin(steps)
    const problem = readPrompt(prompt)
    let lastResult = NaN
    let lastFirst = 0
    let answered = false
    for (let step = 0; step < steps; step++) {
      const start = bounds[step * 2]!
      const end = bounds[step * 2 + 1]!
      tokenize(text, start, end, tokens)
      const surface = readSurface(text, start, end)
      const arithmetic = readArithmetic(tokens, lastResult)
      const row = dense.subarray(step * width, (step + 1) * width)
      row[AT.step] = 1
      row[AT.log_position] = Math.log1p(step) / 6
      row[AT.relative_position] = steps > 1 ? step / (steps - 1) : 0
      row[AT.log_remaining] = Math.log1p(steps - 1 - step) / 6
      row[AT.log_length] = Math.log1p(surface.length) / 6
      row[AT.log_tokens] = Math.log1p(tokens.count) / 5
      lookBack(row, step, problem)
      describeArithmetic(row, step, arithmetic, problem, lastResult)
      row[AT.after_paragraph] = surface.paragraph ? 1 : 0
      row[AT.after_newline] = surface.newline ? 1 : 0
      row[AT.ends_question] = surface.last === 0x3f ? 1 : 0
      row[AT.ends_colon] = surface.last === 0x3a ? 1 : 0
      row[AT.ends_open] = surface.open ? 1 : 0
      row[AT.starts_list] = surface.list ? 1 : 0
      row[AT.starts_equals] =
        tokens.count > 0 && tokens.kind[0] === SYMBOL && tokens.value[0] === 0x3d ? 1 : 0
      row[AT.after_answer] = answered ? 1 : 0
      emit(row, surface.last, lastFirst)
      if (!answered) answered = givesAnswer(tokens)
      lastFirst = tokens.count > 0 ? sequence[1]! : 0
      if (!Number.isNaN(arithmetic.result)) lastResult = arithmetic.result
    }
    return { steps, ...sparse.finish(), dense }
  }

  function readPrompt(prompt: string): Problem {
    tokenize(prompt, 0, prompt.length, tokens)
    for (let at = 0; at < tokens.count; at++) {
      if (tokens.kind[at] === NUMBER) memory.note(hashPair(NUMBERS, tokens.hash[at]!), 0)
      else if (tokens.kind[at] === WORD) memory.note(hashPair(OPENING, tokens.hash[at]!), 0)
    }
    return readProblem(tokens)
  }

  /** Compares the step's tokens with earlier steps, fills the normalised sequence, then notes them. */
  function lookBack(row: Float32Array, step: number, problem: Problem): void {
    const count = tokens.count
    if (sequence.length < count + 2) sequence = new Int32Array((count + 2) * 2)
    // Memory counts the prompt as step 0 and the trace's steps from 1.
    const now = step + 1
    let numbers = 0
    let seen = 0
    let words = 0
    let fromPrevious = 0
    let fresh = 0
    let opening = 0
    let pairsNew = 0
    let exact = REPEATED
    let shape = SHAPE
    sequence[0] = BOUNDARY
    for (let at = 0; at < count; at++) {
      const hash = tokens.hash[at]!
      exact = hashPair(exact, hash)
      if (tokens.kind[at] === NUMBER) {
        numbers++
        const key = hashPair(NUMBERS, hash)
        const met = memory.last(key)
        const known = met >= 0 && met < now
        if (known) seen++
        const isTarget = tokens.value[at] === problem.target
        if (isTarget) row[AT.has_target] = 1
        sequence[at + 1] = isTarget ? TARGET : known ? KNOWN : UNKNOWN
        shape = hashPair(shape, NUMBERS)
        continue
      }
      sequence[at + 1] = hash
      shape = hashPair(shape, hash)
      if (tokens.kind[at] !== WORD) continue
      words++
      const met = memory.last(hashPair(WORDS, hash))
      if (met < 0) fresh++
      else if (met === step && step > 0) fromPrevious++
      if (memory.last(hashPair(OPENING, hash)) >= 0) opening++
    }
    sequence[count + 1] = BOUNDARY
    for (let at = 0; at + 1 < count; at++) {
      const met = memory.last(hashPair(hashPair(PAIRS, tokens.hash[at]!), tokens.hash[at + 1]!))
      if (met < 0) pairsNew++
    }
    row[AT.log_numbers] = Math.log1p(numbers) / 3
    row[AT.numbers_seen] = numbers > 0 ? seen / numbers : 0
    row[AT.words_from_previous] = words > 0 ? fromPrevious / words : 0
    row[AT.words_new] = words > 0 ? fresh / words : 0
    row[AT.pairs_new] = count > 1 ? pairsNew / (count - 1) : 0
    row[AT.words_from_opening] = words > 0 && step >= OPENING_STEPS ? opening / words : 0
    const repeated = count > 2 ? memory.last(exact) : -1
    const shaped = count > 2 ? memory.last(shape) : -1
    row[AT.step_repeated] = repeated >= 0 ? 1 : 0
    row[AT.shape_repeated] = shaped >= 0 ? 1 : 0
    row[AT.log_repeat_distance] = shaped >= 0 ? Math.log1p(now - shaped) / 5 : 0
    row[AT.no_words] = words === 0 && count > 0 ? 1 : 0
    for (let at = 0; at < count; at++) {
      const hash = tokens.hash[at]!
      if (tokens.kind[at] === NUMBER) memory.note(hashPair(NUMBERS, hash), now)
      else if (tokens.kind[at] === WORD) {
        memory.note(hashPair(WORDS, hash), now)
        if (step < OPENING_STEPS) memory.note(hashPair(OPENING, hash), now)
      }
      if (at + 1 < count) memory.note(hashPair(hashPair(PAIRS, hash), tokens.hash[at + 1]!), now)
    }
    memory.note(exact, now)
    memory.note(shape, now)
  }

  function describeArithmetic(
    row: Float32Array,
    step: number,
    facts: Arithmetic,
    problem: Problem,
    lastResult: number,
  ): void {
    row[AT.arithmetic_right] = facts.right > 0 ? 1 : 0
    row[AT.arithmetic_wrong] = facts.wrong > 0 ? 1 : 0
    if (!Number.isNaN(facts.result)) {
      const aimed = !Number.isNaN(problem.target)
      const reached = Math.abs(facts.result - problem.target) < 1e-6
      row[AT.result_is_target] = aimed && reached ? 1 : 0
      row[AT.result_not_target] = aimed && !reached ? 1 : 0
      const key = hashPair(RESULTS, Math.round(facts.result * 1000) | 0)
      row[AT.result_seen] = memory.last(key) >= 0 ? 1 : 0
      row[AT.result_repeats_last] = facts.result === lastResult ? 1 : 0
      memory.note(key, step + 1)
    }
    if (facts.expression === 0) return
    const expression = hashPair(EXPRESSIONS, facts.expression)
    const leaves = hashPair(LEAVES, facts.leaves)
    const repeated = memory.last(expression) >= 0
    row[AT.expression_repeated] = repeated ? 1 : 0
    row[AT.expression_rearranged] = !repeated && memory.last(leaves) >= 0 ? 1 : 0
    row[AT.expression_new] = repeated || row[AT.expression_rearranged] === 1 ? 0 : 1
    row[AT.expression_uses_last_result] = facts.usesLast ? 1 : 0
    row[AT.expression_uses_all_given] = problem.given > 1 && facts.leafCount === problem.given ? 1 : 0
    memory.note(expression, step + 1)
    memory.note(leaves, step + 1)
  }

  function emit(row: Float32Array, last: number, lastFirst: number): void {
    const count = tokens.count
    if (count > 0) {
      const first = sequence[1]!
      const opening = count > 1 ? hashPair(first, sequence[2]!) : first
      const gap = row[AT.after_paragraph] === 1 ? 2 : row[AT.after_newline]!
      sparse.add(hashPair(hashPair(FIRST_GAP, first), gap))
      sparse.add(hashPair(hashPair(FIRST_LAST, first), last))
      sparse.add(hashPair(hashPair(OPENING_LAST, opening), last))
      sparse.add(hashPair(hashPair(FIRST_FIRST, first), lastFirst))
    }
    let flags = 0
    for (let at = AT.has_target; at <= AT.result_repeats_last; at++) flags = flags * 2 + row[at]!
    sparse.add(hashPair(FLAGS, flags))
    flags =
      (row[AT.step_repeated]! * 4 + row[AT.shape_repeated]! * 2 + row[AT.no_words]!) * 4 +
      (row[AT.after_paragraph] === 1 ? 2 : row[AT.after_newline]!)
    sparse.add(hashPair(REPEAT_FLAGS, flags))
    for (let at = 0; at < count; at++) {
      if (tokens.kind[at] === NUMBER && tokens.end[at]! - tokens.start[at]! <= 3) {
        sparse.add(hashPair(NUMERALS, tokens.hash[at]!))
      }
    }
    for (let at = 1; at <= count; at++) sparse.add(hashPair(UNIGRAMS, sequence[at]!))
    for (let size = 2; size <= config.wordNgrams; size++) {
      for (let from = 0; from + size <= count + 2; from++) {
        let hash = NGRAMS
        for (let at = from; at < from + size; at++) hash = hashPair(hash, sequence[at]!)
        sparse.add(hash)
      }
    }
    sparse.endStep()
  }

  return { size: sparse.size, featurize }
}
