import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adapted, INPUTS, logit, sigmoid, unchanged } from '#shared/domain/adapt/adaptation.ts'
import { fitAdaptation, type LearningTrace } from '#shared/domain/adapt/fit.ts'
import { fitRegression } from '#shared/domain/adapt/regression.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { UNKNOWN_LABEL } from '#shared/domain/evaluation/evaluate.ts'
import { SILENT } from '#shared/domain/evaluation/judged.ts'
import { seeded } from '#shared/domain/random.ts'

const THRESHOLDS = [0.5, 0.5, 0.5, 0.5]
const SAME = { weights: BEHAVIOURS.flatMap((_, behaviour) => [...unchanged(behaviour)]) }

/** Traces whose truth is a given function of what the model says. */
function traces(count: number, truth: (probability: number, random: number) => number): LearningTrace[] {
  const random = seeded(7)
  return Array.from({ length: count }, (_, index) => {
    const probabilities = Float32Array.from({ length: 30 * 4 }, () => random())
    return {
      group: `p${index}`,
      probabilities,
      labels: Uint8Array.from(probabilities, (probability) => truth(probability, random())),
    }
  })
}

describe('an adaptation', () => {
  it('that was not learnt leaves probabilities as they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 0.999, noNaN: true }), { minLength: 4 }),
        (values) => {
          const given = Float32Array.from(values.slice(0, values.length - (values.length % 4)))
          const found = adapted(given, SAME)
          for (const [at, value] of given.entries()) expect(found[at]).toBeCloseTo(value, 5)
        },
      ),
    )
    expect(sigmoid(logit(0))).toBeCloseTo(1e-4)
  })

  it('learns that a person sees less than the model, and says by how much', () => {
    // Labelled only where the model is nearly certain: its probabilities are far too high.
    const data = traces(30, (probability, random) => (random < probability ** 6 ? 1 : 0))
    const { weights, behaviours } = fitAdaptation(data, THRESHOLDS)
    for (const [column, { before, after, lossBefore, lossAfter, kept, steps }] of behaviours.entries()) {
      expect(kept).toBe(true)
      expect(steps).toBe(900)
      expect(lossAfter).toBeLessThan(lossBefore * 0.75)
      expect(after!).toBeGreaterThan(before!)
      const [changed] = [adapted(Float32Array.of(0.5, 0.5, 0.5, 0.5), { weights })]
      expect(changed[column]).toBeLessThan(0.2)
    }
  })

  it('changes nothing where the model is right already, or where there is nothing to learn from', () => {
    const right = traces(20, (probability, random) => (random < probability ? 1 : 0))
    const noise = fitAdaptation(right, THRESHOLDS).behaviours
    for (const { lossBefore, lossAfter } of noise) expect(lossAfter).toBeLessThanOrEqual(lossBefore)
    const unknown = right.map((trace) => ({ ...trace, labels: trace.labels.fill(UNKNOWN_LABEL) }))
    const { weights, behaviours } = fitAdaptation(unknown, THRESHOLDS)
    expect(behaviours.every(({ kept, steps }) => !kept && steps === 0)).toBe(true)
    expect(weights).toEqual(SAME.weights)
    const [alone] = traces(1, (_, random) => (random < 0.5 ? 1 : 0))
    expect(fitAdaptation([alone!], THRESHOLDS).behaviours.every(({ kept }) => !kept)).toBe(true)
  })

  it('does not take it that a behaviour is as frequent as among the steps that were labelled for showing it', () => {
    const right = traces(30, (probability, random) => (random < probability ** 3 ? 1 : 0)).map((trace) => ({
      ...trace,
      probabilities: trace.probabilities.map((probability) => probability ** 3),
    }))
    const random = seeded(2)
    const marked = (silence: number) =>
      right.map((trace) => ({
        ...trace,
        labels: trace.labels.map((label) => (label === 1 || random() < 0.1 ? label : silence)),
      }))
    const learned = (silence: number) => fitAdaptation(marked(silence), THRESHOLDS).behaviours
    expect(learned(SILENT).map(({ kept }) => kept)).toEqual([false, false, false, false])
    expect(learned(UNKNOWN_LABEL).map(({ kept }) => kept)).toEqual([true, true, true, true])
  })

  it('outweighs what changes where nobody has spoken, in whichever group that is', () => {
    // The person sees less than the model: everything is learnt, and silent steps change with it.
    const judged = traces(20, (probability, random) => (random < probability ** 6 ? 1 : 0))
    const quiet = traces(60, () => SILENT)
    const learned = (groupOf: (index: number) => string) =>
      fitAdaptation(
        [...judged, ...quiet.map((trace, index) => ({ ...trace, group: groupOf(index) }))],
        THRESHOLDS,
      ).behaviours.map(({ kept }) => kept)
    expect(learned((index) => `p${index % 20}`)).toEqual([false, false, false, false])
    expect(learned((index) => `q${index}`)).toEqual([false, false, false, false])
  })

  it('is learnt from more steps in one group than a call takes arguments', () => {
    const random = seeded(5)
    const data = [150_000, 20].map((steps, group) => ({
      group: String(group),
      probabilities: new Float32Array(steps * 4).fill(0.5),
      labels: Uint8Array.from({ length: steps * 4 }, (_, at) =>
        at % 4 > 0 ? UNKNOWN_LABEL : random() < 0.5 ? 1 : 0,
      ),
    }))
    expect(fitAdaptation(data, THRESHOLDS).behaviours[0]).toMatchObject({ steps: 150_020, kept: false })
  })

  it('leaves steps out that nobody has judged', () => {
    const data = traces(30, (probability, random) => (random < probability ** 6 ? 1 : 0))
    const half = data.map((trace) => ({
      ...trace,
      labels: trace.labels.map((label, at) => (at % 8 < 4 ? label : UNKNOWN_LABEL)),
    }))
    const told = fitAdaptation(half, THRESHOLDS).behaviours
    expect(told.map(({ steps }) => steps)).toEqual([450, 450, 450, 450])
  })
})

describe('the regression', () => {
  it('finds weights whose gradient is nought', () => {
    const random = seeded(3)
    const inputs = Float64Array.from({ length: 200 * INPUTS }, () => random() * 4 - 2)
    const labels = Uint8Array.from({ length: 200 }, (_, step) =>
      inputs[step * INPUTS]! + random() > 0.5 ? 1 : 0,
    )
    const towards = unchanged(1)
    const weights = fitRegression({ inputs, labels }, towards, 2)
    for (let a = 0; a < INPUTS; a++) {
      let gradient = 2 * (weights[a]! - towards[a]!)
      for (const [step, label] of labels.entries()) {
        let z = 0
        for (let b = 0; b < INPUTS; b++) z += inputs[step * INPUTS + b]! * weights[b]!
        gradient += (sigmoid(z) - label) * inputs[step * INPUTS + a]!
      }
      expect(Math.abs(gradient)).toBeLessThan(1e-3)
    }
  })
})
