import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { averagePrecision, calibrationError, reliability, score } from '#shared/domain/evaluation/scores.ts'
import { spearman } from '#shared/domain/evaluation/correlation.ts'
import { interval } from '#shared/domain/evaluation/bootstrap.ts'

const data = fc
  .array(fc.record({ label: fc.boolean(), p: fc.integer({ min: 0, max: 20 }) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((rows) => ({
    labels: Uint8Array.from(rows, ({ label }) => Number(label)),
    probabilities: Float32Array.from(rows, ({ p }) => p / 20),
  }))

describe('scores', () => {
  it('counts at the threshold, which itself is predicted', () => {
    const labels = Uint8Array.from([1, 1, 0, 0, 1])
    const probabilities = Float32Array.from([0.5, 0.25, 0.75, 0.125, NaN])
    expect(score(labels, probabilities, 0.5)).toMatchObject({
      support: 3,
      precision: 1 / 2,
      recall: 1 / 3,
      f1: 2 / 5,
    })
  })

  it('says nothing where there is nothing', () => {
    expect(score(new Uint8Array(3), new Float32Array(3), 0.5)).toMatchObject({
      precision: null,
      recall: null,
      f1: null,
      ap: null,
      ece: 0,
    })
    expect(() => score(new Uint8Array(2), new Float32Array(3), 0.5)).toThrow(RangeError)
  })

  it('has the average precision of its definition, ties and all', () => {
    fc.assert(
      fc.property(data, ({ labels, probabilities }) => {
        const positives = labels.filter((label) => label === 1).length
        fc.pre(positives > 0)
        const cuts = [...new Set(probabilities)].sort((a, b) => b - a)
        let area = 0
        let recallBefore = 0
        for (const cut of cuts) {
          const at = [...labels.keys()].filter((step) => probabilities[step]! >= cut)
          const hits = at.filter((step) => labels[step] === 1).length
          area += (hits / positives - recallBefore) * (hits / at.length)
          recallBefore = hits / positives
        }
        expect(averagePrecision(labels, probabilities)).toBeCloseTo(area, 10)
      }),
    )
  })

  it('finds no calibration error where the share is the probability, and all of it where it is not', () => {
    const half = Float32Array.from({ length: 10 }, () => 0.5)
    expect(calibrationError(Uint8Array.from([1, 0, 1, 0, 1, 0, 1, 0, 1, 0]), half)).toBe(0)
    expect(calibrationError(new Uint8Array(10), half)).toBe(0.5)
    const sure = Float32Array.from({ length: 10 }, () => 1)
    expect(reliability(new Uint8Array(10).fill(1), sure)[9]).toEqual({ steps: 10, expected: 1, labelled: 1 })
  })

  it('ranks like Spearman, ties sharing their rank', () => {
    expect(spearman([1, 2, 3, 4], [10, 20, 30, 1000])).toBeCloseTo(1)
    expect(spearman([1, 2, 3, 4], [4, 3, 2, 1])).toBeCloseTo(-1)
    // Worked by hand: ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
    expect(spearman([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 10)
    expect(spearman([1, 1], [1, 2])).toBeNull()
  })

  it('draws the same interval from the same groups, around the statistic', () => {
    const groups = Array.from({ length: 40 }, (_, index) => Float64Array.of(index % 4, 1))
    const mean = ([sum, count]: Float64Array) => sum! / count!
    const [low, high] = interval(groups, mean)!
    expect(interval(groups, mean)).toEqual([low, high])
    expect(interval(groups.slice(0, 1), mean)).toBeNull()
    expect(low).toBeLessThan(1.5)
    expect(high).toBeGreaterThan(1.5)
    // The standard error of the mean is 0.18: 1.96 of them either way.
    expect(high - low).toBeGreaterThan(0.55)
    expect(high - low).toBeLessThan(0.85)
  })
})
