import fc from 'fast-check'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { countOne } from '#shared/domain/counts.ts'
import { PROBLEM_TARGET, type InterchangeTrace } from '#shared/domain/interchange/types.ts'
import type { Span } from '#shared/domain/trace.ts'

const text = fc
  .array(fc.constantFrom('a', ' ', 'é', '€', '😀', '𝔸', '\ud83d', '\ude00', '\n', 'plain words '), {
    minLength: 1,
    maxLength: 60,
  })
  .map((parts) => parts.join(''))

/** Offsets between the characters of a text, in UTF-16. */
function boundariesOf(response: string): number[] {
  const offsets = [0]
  for (const character of response) offsets.push(offsets.at(-1)! + character.length)
  return offsets
}

function spanIn(boundaries: readonly number[]): fc.Arbitrary<Span> {
  return fc
    .uniqueArray(fc.constantFrom(...boundaries), { minLength: 2, maxLength: 2 })
    .map((ends) => ({ start: Math.min(...ends), end: Math.max(...ends) }))
}

const thresholds = fc.tuple(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(0.5, 0.42),
  fc.constant(1),
  fc.constant(0.1),
)
const probability = fc.oneof(
  fc.nat(65535).map((multiple) => Math.fround(multiple / 65535)),
  fc.float({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
)

const ownLabel = fc.record({
  behaviour: fc.constantFrom('unit check', 'Größe 😀', 'x'),
  verdict: fc.constantFrom('present' as const, 'absent' as const),
  annotator: fc.constantFrom('ada', 'bob'),
  at: fc.constantFrom('2026-01-02T03:04:05.000Z', null),
})
const ownPrediction = (bounds: Uint32Array) => {
  const steps = bounds.length / 2
  return fc
    .record({
      behaviour: fc.constantFrom('unit check', 'x'),
      model: fc.constant('cairn-accurate'),
      modelVersion: fc.constant('1.1.0'),
      version: fc.nat(9),
      threshold: fc.constantFrom(0.5, 0.42),
      probabilities: fc
        .array(probability, { minLength: steps, maxLength: steps })
        .map((values) => Float32Array.from(values)),
    })
    .map((said) => ({ ...said, ...countOne(said.probabilities, said.threshold) }))
}

/** Traces whose spans fall on characters; texts hold astral characters and lone surrogates. */
export const anyTrace: fc.Arbitrary<InterchangeTrace> = text.chain((response) => {
  const boundaries = boundariesOf(response)
  const span = spanIn(boundaries)
  const steps = fc.subarray(boundaries.slice(0), { minLength: 2 }).map((cuts) => {
    const even = cuts.slice(0, cuts.length - (cuts.length % 2))
    return Uint32Array.from(even)
  })
  const annotation = fc.record({
    start: fc.constant(0),
    end: fc.constant(0),
    behaviour: fc.constantFrom(...BEHAVIOURS),
    verdict: fc.constantFrom('present' as const, 'absent' as const),
    annotator: fc.constantFrom('ada', 'bob', ' Größe 😀'),
    at: fc.constantFrom('2026-01-02T03:04:05.000Z', null),
    target: fc.oneof(fc.constant(null), fc.constant({ ...PROBLEM_TARGET }), span),
    note: fc.constantFrom('', 'why?\n“so” 😀'),
  })
  return fc.option(steps).chain((bounds) =>
    fc.record({
      run: fc.constantFrom('grpo', null),
      prompt: fc.constantFrom('What is 2 + 2?', '', null),
      checkpoint: fc.constantFrom(0, 250, 0.5, null),
      key: fc.constantFrom('test-1', null),
      sample: fc.constantFrom(0, 3, null),
      response: fc.constant(response),
      textHash: fc.constantFrom('0123456789abcdef'.repeat(4), null),
      bounds: fc.constant(bounds),
      segmenter: fc.constant(bounds === null ? null : 1),
      prediction:
        bounds === null
          ? fc.constant(null)
          : fc.option(
              fc.record({
                model: fc.constant('cairn-behaviours'),
                version: fc.constant('1.0.0'),
                thresholds,
                probabilities: fc
                  .array(probability, { minLength: bounds.length * 2, maxLength: bounds.length * 2 })
                  .map((values) => Float32Array.from(values)),
              }),
            ),
      annotations: fc.array(
        fc.tuple(annotation, span).map(([fields, marked]) => ({ ...fields, ...marked })),
        { maxLength: 4 },
      ),
      own: fc.record({
        labels: fc.array(
          fc.tuple(ownLabel, span).map(([fields, marked]) => ({ ...fields, ...marked })),
          { maxLength: 3 },
        ),
        predictions: bounds === null ? fc.constant([]) : fc.array(ownPrediction(bounds), { maxLength: 2 }),
      }),
    }),
  )
})
