import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { UNKNOWN_LABEL } from '#shared/domain/evaluation/evaluate.ts'
import { IMPLIED_ABSENT, SILENT } from '#shared/domain/evaluation/judged.ts'
import { sigmoid } from '#shared/domain/adapt/adaptation.ts'
import { folds } from '#shared/domain/learning/cross-validation.ts'
import { fitHeads, joinExamples } from '#shared/domain/learning/fit-heads.ts'
import { fitLinear, linearLogits } from '#shared/domain/learning/linear.ts'
import { disagreement, pickDiverse, sentenceKey } from '#shared/domain/learning/queue.ts'
import { mixed, ownHead, reweight, uniformWeights } from '#shared/domain/learning/reweight.ts'
import { seeded } from '#shared/domain/random.ts'

const WIDTH = BEHAVIOURS.length
const HEADS = 5

/** Logits of five heads that say unrelated things, and what a person says who agrees with one of them. */
function person(steps: number, agrees: number, seed = 1) {
  const random = seeded(seed)
  const logits = Float32Array.from({ length: steps * HEADS * WIDTH }, () => (random() < 0.5 ? -2 : 2))
  const labels = Uint8Array.from({ length: steps * WIDTH }, (_, at) =>
    logits[(Math.floor(at / WIDTH) * HEADS + agrees) * WIDTH + (at % WIDTH)]! > 0 ? 1 : 0,
  )
  return { heads: HEADS, logits, labels }
}

describe('weighing heads', () => {
  it('finds the head that a person agrees with, from a few labels', () => {
    for (let agrees = 0; agrees < HEADS; agrees++) {
      const { weights } = reweight(person(20, agrees))
      for (let behaviour = 0; behaviour < WIDTH; behaviour++)
        expect(weights[agrees * WIDTH + behaviour]).toBeGreaterThan(0.9)
    }
  })

  it('moves the class prior where a person sees less of everything', () => {
    const { logits } = person(60, 0)
    const { shifts } = reweight({ heads: HEADS, logits, labels: new Uint8Array(60 * WIDTH) })
    for (const shift of shifts) expect(shift).toBeLessThan(-0.5)
  })

  it('leaves alone what nobody has said anything of', () => {
    const own = person(20, 3)
    const labels = own.labels.map((label, at) => (at % WIDTH === 1 ? UNKNOWN_LABEL : label))
    const { weights, shifts } = reweight({ ...own, labels })
    for (let head = 0; head < HEADS; head++) {
      expect(shifts[head * WIDTH + 1]).toBe(0)
      expect(weights[head * WIDTH + 1]).toBeCloseTo(head === 0 ? 0.5 : 0.125)
    }
  })

  it('gives weights that sum to one and probabilities between the heads’ own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 9 }), (steps, seed) => {
        const own = person(steps, 1, seed)
        const learned = reweight(own)
        for (let behaviour = 0; behaviour < WIDTH; behaviour++) {
          const sum = learned.weights.reduce((total, w, at) => total + (at % WIDTH === behaviour ? w : 0), 0)
          expect(sum).toBeCloseTo(1, 9)
        }
        for (const p of mixed(own.logits, learned)) expect(p > 0 && p < 1).toBe(true)
      }),
    )
  })

  it('keeps a behaviour only where left-out steps are told better', () => {
    const groups = (agrees: number) =>
      Array.from({ length: 8 }, (_, index) => ({ ...person(12, agrees, index + 1), group: `p${index}` }))
    const thresholds = BEHAVIOURS.map(() => 0.5)
    const learned = fitHeads(HEADS, groups(2), thresholds)
    for (const { kept, before, after } of learned.behaviours) {
      expect(kept).toBe(true)
      expect(after!).toBeGreaterThan(before!)
    }
    const random = seeded(5)
    const noise = groups(0).map((trace) => ({
      ...trace,
      labels: trace.labels.map(() => (random() < 0.5 ? 1 : 0)),
    }))
    const own = mixed(noise[0]!.logits, ownHead(HEADS))
    const nothing = fitHeads(HEADS, noise.slice(0, 1), thresholds)
    expect(nothing.behaviours.some(({ kept }) => kept)).toBe(false)
    expect(mixed(noise[0]!.logits, nothing)).toEqual(own)
  })
})

/**
 * Traces of forty steps, of which a model says rightly how likely each behaviour is, and its other heads nearly the same,
 * and what comes of labels by whoever sees what the model sees.
 */
function agreeing(labelOf: (shown: boolean, other: boolean, random: () => number) => number) {
  const random = seeded(11)
  return Array.from({ length: 30 }, (_, index) => {
    const own = Float32Array.from({ length: 40 * WIDTH }, () => (random() < 0.15 ? 1 : -4) + random() - 0.5)
    const shown = own.map((z) => Number(random() < sigmoid(z)))
    const labels = Uint8Array.from(shown, (one, at) => {
      const row = Math.floor(at / WIDTH) * WIDTH
      return labelOf(one === 1, shown.subarray(row, row + WIDTH).includes(1), random)
    })
    const logits = Float32Array.from({ length: 40 * HEADS * WIDTH }, (_, at) => {
      const step = Math.floor(at / (HEADS * WIDTH))
      const head = Math.floor(at / WIDTH) % HEADS
      return own[step * WIDTH + (at % WIDTH)]! + (head === 0 ? 0 : random() - 0.5)
    })
    return { heads: HEADS, logits, labels, group: `p${index}` }
  })
}
const THRESHOLDS = BEHAVIOURS.map(() => 0.4)
/** By how much the heads' class priors are moved on the whole, of each behaviour. */
const movedBy = (traces: ReturnType<typeof agreeing>) => {
  const { weights, shifts } = reweight(joinExamples(HEADS, traces))
  return BEHAVIOURS.map((_, column) =>
    weights.reduce((sum, weight, at) => (at % WIDTH === column ? sum + weight * shifts[at]! : sum), 0),
  )
}

/** How often a model that has learnt from the labels of traces says that a behaviour is there, of all steps; 1: as before. */
const oftenAfter = (traces: ReturnType<typeof agreeing>) => {
  const learned = fitHeads(HEADS, traces, THRESHOLDS)
  const { logits } = joinExamples(HEADS, traces)
  const [is, was] = [learned, ownHead(HEADS)].map((heads) => mixed(logits, heads))
  const sum = (all: Float32Array, column: number) =>
    all.reduce((total, p, at) => (at % WIDTH === column ? total + p : total), 0)
  return BEHAVIOURS.map((_, column) => sum(is!, column) / sum(was!, column))
}

describe('labels of those who label what they see', () => {
  const marks = (shown: boolean, other: boolean) => (shown ? 1 : other ? IMPLIED_ABSENT : SILENT)
  const asJudged = (traces: ReturnType<typeof agreeing>) =>
    traces.map((trace) => ({
      ...trace,
      labels: trace.labels.map((one) => (one === SILENT ? UNKNOWN_LABEL : one === IMPLIED_ABSENT ? 0 : one)),
    }))

  it('do not move the class prior, nor how often a model says that something is there', () => {
    const traces = agreeing(marks)
    expect(movedBy(traces)).toEqual([0, 0, 0, 0])
    for (const often of oftenAfter(traces)) expect(often).toBeCloseTo(1, 1)
    // Taken for a choice that had nothing to do with the answer they would do both.
    for (const shift of movedBy(asJudged(traces))) expect(shift).toBeGreaterThan(0.5)
    for (const often of oftenAfter(asJudged(traces))) expect(often).toBeGreaterThan(1.2)
  })

  it('do not move it either where a few steps are denied outright beside them', () => {
    const traces = agreeing((shown, other, random) =>
      shown || other || random() > 0.03 ? marks(shown, other) : 0,
    )
    for (const shift of movedBy(traces)) expect(Math.abs(shift)).toBeLessThan(0.25)
    for (const shift of movedBy(asJudged(traces))) expect(shift).toBeGreaterThan(0.5)
    for (const often of oftenAfter(traces)) expect(often).toBeCloseTo(1, 1)
  })

  it('do not move it where only the mistakes of the model are denied', () => {
    const traces = agreeing((shown, _, random) => (!shown && random() < 0.05 ? 0 : SILENT))
    for (const shift of movedBy(traces)) expect(Math.abs(shift)).toBeLessThan(0.25)
    expect(fitHeads(HEADS, traces, THRESHOLDS).behaviours.map(({ kept }) => kept)).not.toContain(true)
  })

  it('are no model where only mistakes are put right, which some head must have made less of', () => {
    const truth = agreeing((shown) => Number(shown))
    const corrected = (silence: number) =>
      truth.map(({ logits, labels, ...rest }) => {
        const own = mixed(logits, ownHead(HEADS))
        const contrary = logits.map((z, at) => (Math.floor(at / WIDTH) % HEADS === 4 ? -z : z))
        const said = labels.map((one, at) => (own[at]! >= 0.4 === (one === 1) ? silence : one))
        return { ...rest, logits: contrary, labels: said }
      })
    expect(oftenAfter(corrected(SILENT))).toEqual([1, 1, 1, 1])
    for (const often of oftenAfter(corrected(UNKNOWN_LABEL))) expect(Math.abs(often - 1)).toBeGreaterThan(0.5)
  })

  it('move it where they say of every step whether it is there', () => {
    // Whoever sees half of what the model sees.
    const traces = agreeing((shown, _, random) => Number(shown && random() < 0.4))
    for (const shift of movedBy(traces)) expect(shift).toBeLessThan(-0.5)
    expect(
      fitHeads(
        HEADS,
        traces,
        BEHAVIOURS.map(() => 0.2),
      ).behaviours.every(({ kept }) => kept),
    ).toBe(true)
  })

  it('leave to steps that were judged as they came what these move, and go on from there', () => {
    const traces = agreeing((shown) => Number(shown))
    // Whoever sees three times as much, of sixty steps as they come.
    const random = seeded(3)
    const came = traces.slice(0, 2).map((trace) => ({
      ...trace,
      labels: trace.labels.map((label, at) =>
        at >= 30 * WIDTH ? UNKNOWN_LABEL : Number(label === 1 || random() < 0.3),
      ),
    }))
    const alone = movedBy(came)
    for (const shift of alone) expect(shift).toBeGreaterThan(0.5)
    const silent = traces.slice(2, 8).map((trace) => ({ ...trace, labels: trace.labels.map(() => SILENT) }))
    const one = { ...silent[0]!, labels: silent[0]!.labels.with(0, 1) }
    const own = (beside: typeof traces) =>
      [...reweight(joinExamples(HEADS, [...came, one, ...silent.slice(1), ...beside])).shifts].slice(0, WIDTH)
    const { shifts } = reweight(joinExamples(HEADS, came))
    own([]).forEach((shift, column) => expect(shift).toBeCloseTo(shifts[column]!, 9))
    // A step that somebody denies everything, among labels of what is seen, was chosen: it is no step as it came.
    const rejected = traces.slice(8, 20).map((trace) => ({
      ...trace,
      labels: trace.labels.map((_, at) => (at < WIDTH ? 0 : SILENT)),
    }))
    own(rejected).forEach((shift, column) => {
      expect(shift).toBeLessThanOrEqual(shifts[column]!)
      expect(shift).toBeGreaterThan(shifts[column]! - 0.25)
    })
    const only = reweight(joinExamples(HEADS, rejected)).shifts
    for (const shift of only) expect(Math.abs(shift)).toBeLessThan(0.25)
  })

  it('are looked at up to a thousand, those which only follow from others too', () => {
    const { heads, logits, labels } = person(4000, 3)
    const marked = labels.map((label, at) => (at % WIDTH === 0 ? label : label * IMPLIED_ABSENT))
    const steps = [...marked.keys()].filter((at) => at % WIDTH === 1 && marked[at] === IMPLIED_ABSENT)
    const every = Math.ceil(steps.length / 1000)
    const row = (at: number) => Math.floor(at / WIDTH) * HEADS * WIDTH
    steps.forEach((at, index) => {
      for (let head = 0; index % every > 0 && head < HEADS; head++) logits[row(at) + head * WIDTH + 1] = NaN
    })
    expect(every).toBeGreaterThan(1)
    for (const weight of reweight({ heads, logits, labels: marked }).weights) expect(weight).not.toBeNaN()
  })

  it('still weigh heads against each other', () => {
    const { heads, logits, labels } = person(60, 3)
    const marked = labels.map((label, at) =>
      label === 1 ? 1 : labels[at ^ 1] === 1 ? IMPLIED_ABSENT : SILENT,
    )
    const { weights, shifts } = reweight({ heads, logits, labels: marked })
    expect(shifts.every((shift) => shift === 0)).toBe(true)
    for (let behaviour = 0; behaviour < WIDTH; behaviour++)
      expect(weights[3 * WIDTH + behaviour]).toBeGreaterThan(0.9)
  })
})

describe('leaving groups out', () => {
  it('makes parts that are alike in size, and in number where items have none', () => {
    const parts = folds([...Array<number>(10).fill(3), ...Array<number>(40).fill(0)], (size) => size)
    expect(parts.map((part) => part.reduce((sum, size) => sum + size, 0))).toEqual([6, 6, 6, 6, 6])
    expect(parts.map((part) => part.length)).toEqual([10, 10, 10, 10, 10])
  })

  it('teaches nothing from fewer than five steps that show a behaviour, or that do not', () => {
    const kept = (shown: number) => {
      const traces = Array.from({ length: 12 }, (_, index) => ({
        ...person(1, 2, index + 1),
        group: `p${index}`,
      }))
      // All heads but one say the contrary of what is there.
      for (const [index, { logits, labels }] of traces.entries()) {
        labels.fill(index < shown ? 1 : 0)
        logits.forEach((_, at) => {
          const right = Math.floor(at / WIDTH) === 2
          logits[at] = index < shown === right ? 2 : -2
        })
      }
      return fitHeads(HEADS, traces, THRESHOLDS).behaviours.map((one) => one.kept)
    }
    expect(kept(4)).toEqual([false, false, false, false])
    expect(kept(5)).toEqual([true, true, true, true])
    expect(kept(8)).toEqual([false, false, false, false])
  })
})

describe('the queue', () => {
  const features = (...values: number[]) => Float32Array.from(values)

  it('asks where heads disagree, not where they are unsure together', () => {
    const same = new Float32Array(HEADS * WIDTH)
    const apart = Float32Array.from({ length: HEADS * WIDTH }, (_, at) => (at < 2 * WIDTH ? 4 : -4))
    const bits = disagreement(Float32Array.from([...same, ...apart]), uniformWeights(HEADS))
    expect(bits[0]).toBeCloseTo(0, 9)
    expect(bits[1]).toBeGreaterThan(WIDTH * 0.5)
  })

  it('never asks for the same sentence twice, nor for one that is labelled', () => {
    const sentence = fc.constantFrom('Let me check.', 'let me  check.', 'Wait', 'So x = 2', 'Known')
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            text: sentence,
            trace: fc.nat(3),
            disagreement: fc.double({ min: 0, max: 1, noNaN: true }),
          }),
        ),
        (given) => {
          const candidates = given.map((one, at) => ({ ...one, features: features(1, at) }))
          const keys = pickDiverse(candidates, 10, new Set([sentenceKey('known')])).map((at) =>
            sentenceKey(candidates[at]!.text),
          )
          expect(new Set(keys).size).toBe(keys.length)
          expect(keys).not.toContain('known')
          const all = new Set(given.map(({ text }) => sentenceKey(text)))
          all.delete('known')
          expect(keys.length).toBe(all.size)
        },
      ),
    )
  })

  it('prefers what is unlike what it has asked for', () => {
    const candidates = [
      { text: 'a', trace: 1, disagreement: 1, features: features(1, 0) },
      { text: 'b', trace: 2, disagreement: 0.9, features: features(1, 0.01) },
      { text: 'c', trace: 3, disagreement: 0.5, features: features(0, 1) },
    ]
    expect(pickDiverse(candidates, 2)).toEqual([0, 2])
  })
})

describe('a linear head', () => {
  it('finds the direction that tells examples apart', () => {
    const random = seeded(3)
    const width = 40
    const steps = 400
    const all = Float32Array.from({ length: steps * width }, () => random() - 0.5)
    const labels = Uint8Array.from({ length: steps }, (_, step) => (all[step * width + 7]! > 0.1 ? 1 : 0))
    const weights = fitLinear({ width, features: all, labels }, 0.1)
    const strongest = weights.slice(0, width).reduce((best, w, at) => (w > weights[best]! ? at : best), 0)
    expect(strongest).toBe(7)
    const right = linearLogits({ width, features: all }, weights).filter(
      (z, step) => z > 0 === (labels[step] === 1),
    )
    expect(right.length / steps).toBeGreaterThan(0.95)
  })

  it('stays finite where all examples are alike', () => {
    const weights = fitLinear(
      { width: 2, features: Float32Array.of(1, 0, 0, 1), labels: Uint8Array.of(1, 1) },
      1,
    )
    for (const weight of weights) expect(Number.isFinite(weight)).toBe(true)
  })
})
