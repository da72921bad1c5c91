import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DENSE_FEATURES, FEATURE_VERSION, type FeatureConfig } from '#shared/domain/features/config.ts'
import type { StepFeatures } from '#shared/domain/features/config.ts'
import { createFeaturizer } from '#shared/domain/features/featurizer.ts'

const CONFIG: FeatureConfig = {
  version: FEATURE_VERSION,
  bits: 16,
  wordNgrams: 3,
  dense: DENSE_FEATURES.length,
  maxFeatures: 128,
  vocabulary: null,
}

/** Steps are the text's lines, with their line breaks left out. */
function linesOf(text: string): Uint32Array {
  const bounds: number[] = []
  for (let start = 0; start <= text.length;) {
    const found = text.indexOf('\n', start)
    const end = found < 0 ? text.length : found
    if (end > start) bounds.push(start, end)
    start = end + 1
  }
  return Uint32Array.from(bounds)
}

function featurize(text: string, prompt = '', featurizer = createFeaturizer(CONFIG)): StepFeatures {
  return featurizer.featurize(text, linesOf(text), prompt)
}

function column(features: StepFeatures, name: (typeof DENSE_FEATURES)[number]): number[] {
  const at = DENSE_FEATURES.indexOf(name)
  return Array.from(
    { length: features.steps },
    (_, step) => features.dense[step * DENSE_FEATURES.length + at]!,
  )
}

/** FNV-1a over the bytes of all arrays. */
function digest(features: StepFeatures): string {
  let hash = 0x811c9dc5
  for (const array of [features.indices, features.values, features.offsets, features.dense]) {
    for (const byte of new Uint8Array(array.buffer, array.byteOffset, array.byteLength)) {
      hash = Math.imul(hash ^ byte, 0x01000193)
    }
  }
  return (hash >>> 0).toString(16)
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 })
    .map((units) => String.fromCharCode(...units)),
  fc
    .array(
      fc.constantFrom(
        '3',
        '24',
        '+',
        '*',
        '(',
        ')',
        '=',
        ' ',
        '\n',
        'Wait,',
        ' no',
        '**',
        '\\frac',
        '\ud800',
        '1,000',
      ),
      {
        maxLength: 200,
      },
    )
    .map((parts) => parts.join('')),
)

describe('featurizer', () => {
  it('gives finite values, indices within the table, in order, for any text', () => {
    const featurizer = createFeaturizer(CONFIG)
    fc.assert(
      fc.property(anyText, anyText, (text, prompt) => {
        const features = featurize(text, prompt, featurizer)
        const steps = linesOf(text).length / 2
        expect(features.steps).toBe(steps)
        expect(features.offsets).toHaveLength(steps + 1)
        expect(features.offsets[steps]).toBe(features.indices.length)
        expect(features.values).toHaveLength(features.indices.length)
        expect(features.dense).toHaveLength(steps * DENSE_FEATURES.length)
        for (const index of features.indices)
          if (!(index >= 1 && index <= featurizer.size)) expect.fail(`${index}`)
        for (const array of [features.values, features.dense]) {
          for (const value of array) if (!Number.isFinite(value)) expect.fail(JSON.stringify(text))
        }
        for (let step = 0; step < steps; step++) {
          const own = features.indices.subarray(features.offsets[step], features.offsets[step + 1])
          expect(own.length).toBeLessThanOrEqual(CONFIG.maxFeatures)
          expect(new Set(own).size).toBe(own.length)
        }
      }),
    )
  })

  it('depends on nothing but the trace', () => {
    const used = createFeaturizer(CONFIG)
    fc.assert(
      fc.property(anyText, anyText, anyText, (text, prompt, other) => {
        featurize(other, text, used)
        expect(digest(featurize(text, prompt, used))).toBe(digest(featurize(text, prompt)))
      }),
      { numRuns: 40 },
    )
  })

  it('ignores white space at the edges of steps', () => {
    const text = 'First, add.\n\n3 + 4 = 7. Wait, is that right?'
    const featurizer = createFeaturizer(CONFIG)
    const tight = featurizer.featurize(text, Uint32Array.of(0, 11, 13, 23, 24, 44), '')
    const loose = featurizer.featurize(text, Uint32Array.of(0, 13, 13, 24, 24, 44), '')
    expect(loose).toEqual(tight)
  })

  it('compares a step with the prompt and with what came before', () => {
    const prompt = 'Using the numbers [41, 71, 17], create an equation that equals 47.'
    const features = featurize('71 − (41 + 17) = 13\nNot 47\n71 − 41 + 17 = 47\n71 − 41 + 17 = 47', prompt)
    expect(column(features, 'has_target')).toEqual([0, 1, 1, 1])
    expect(column(features, 'result_is_target')).toEqual([0, 0, 1, 1])
    expect(column(features, 'result_not_target')).toEqual([1, 0, 0, 0])
    expect(column(features, 'arithmetic_right')).toEqual([1, 0, 1, 1])
    expect(column(features, 'expression_rearranged')).toEqual([0, 0, 1, 0])
    expect(column(features, 'expression_repeated')).toEqual([0, 0, 0, 1])
    expect(column(features, 'step_repeated')).toEqual([0, 0, 0, 1])
    expect(column(features, 'expression_uses_all_given')).toEqual([1, 0, 1, 1])
  })

  it('keeps the fixed features of fixed texts', () => {
    // A change here means FEATURE_VERSION must rise and the model be trained again.
    expect(
      digest(featurize('Wait, is 3 × 4 = 12?\nYes.\n\nSo the answer is **12**.', 'Compute 3 × 4.')),
    ).toMatchInlineSnapshot(`"6e29aae3"`)
    expect(
      digest(featurize('To get 24 we need 8 · 3…\n- \ud83d\ude00 1,000.5\n\ud800')),
    ).toMatchInlineSnapshot(`"2557deee"`)
  })

  it('refuses a model made for other rules', () => {
    expect(() => createFeaturizer({ ...CONFIG, version: FEATURE_VERSION + 1 })).toThrow(/feature rules/)
    expect(() => createFeaturizer({ ...CONFIG, vocabulary: btoa('short') })).toThrow(/damaged/)
  })

  it('numbers the slots a vocabulary names', () => {
    const everySecond = btoa(String.fromCharCode(...new Uint8Array(2 ** 13).fill(0xaa)))
    const all = featurize('Let me check.')
    const some = featurize('Let me check.', '', createFeaturizer({ ...CONFIG, vocabulary: everySecond }))
    const kept = Array.from(all.indices, (index) => index - 1).filter((slot) => slot % 2 === 1)
    expect(Array.from(some.indices)).toEqual(kept.map((slot) => (slot - 1) / 2 + 1))
    expect(some.values[0]).toBeCloseTo(1 / Math.sqrt(kept.length))
  })
})
