import { expect, it } from 'vitest'
import { createBenchmark } from '#shared/domain/curate/benchmark.ts'

const WORDS = 'the quick brown fox jumps over the lazy dog and then runs far away'

it('finds n-grams, whole short prompts, and nothing else', () => {
  const benchmark = createBenchmark(13)
  benchmark.add(`So ${WORDS} today.`, 'b.jsonl')
  benchmark.add('How old is Ann?', 'b.jsonl')
  expect(benchmark.overlap('Tell me', [`Well, ${WORDS.toUpperCase()}!`])).toContain('is in b.jsonl')
  expect(benchmark.overlap('how old is ANN', [])).toBe('its prompt is in b.jsonl')
  expect(benchmark.overlap('How old is Bob?', ['the quick brown fox jumps over a lazy dog'])).toBeNull()
})

it('the wording that all questions share is no overlap, what one of them says is', () => {
  const benchmark = createBenchmark(13)
  const ask = (name: string) =>
    `Solve the following task about ${name}. ${WORDS}, step by step, in plain words.`
  // Samples of one question are one text.
  for (let copy = 0; copy < 50; copy++)
    benchmark.add(ask('the river that Ann crossed with seven goats and an old boat'), 'b')
  for (let at = 0; at < 30; at++) benchmark.add(ask(`topic ${at}`), 'b')
  expect(benchmark.overlap(ask('something new'), [])).toBeNull()
  expect(
    benchmark.overlap('So: the river that Ann crossed with seven goats and an old boat. Solve.', []),
  ).toBeNull()
  expect(
    benchmark.overlap('following task about the river that Ann crossed with seven goats and an old boat', []),
  ).toContain('is in b')
})

it('Countdown problems are the same by their numbers, not by their wording', () => {
  const benchmark = createBenchmark(13)
  const ask = (numbers: string, target: number) =>
    `Using the numbers [${numbers}], create an equation that equals ${target}. Use each number exactly once. Only use +, -, *, / and parentheses.`
  benchmark.add(ask('3, 5, 7', 22), 'b')
  expect(benchmark.overlap(ask('7, 3, 5', 22), [])).toBe('the same numbers and target are in b')
  expect(benchmark.overlap(ask('3, 5, 8', 22), ['whatever'])).toBeNull()
})
