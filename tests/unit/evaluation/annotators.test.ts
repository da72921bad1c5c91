import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { addCoincidences, krippendorffsAlpha } from '#shared/domain/evaluation/agreement.ts'
import { createAnnotatorAgreement, isDisputed } from '#shared/domain/evaluation/annotators.ts'
import { UNKNOWN_LABEL } from '#shared/domain/evaluation/evaluate.ts'

const WIDTH = BEHAVIOURS.length

/** α of units by people: a value from 1 on, 0 where somebody has not judged. */
function alphaOf(people: readonly (readonly number[])[], values: number): number | null {
  const coincidences = new Float64Array(values * values)
  for (const unit of people[0]!.keys()) {
    const given = Array.from({ length: values }, (_, value) =>
      Number(people.filter((said) => said[unit] === value + 1).length),
    )
    addCoincidences(coincidences, given)
  }
  return krippendorffsAlpha(coincidences)
}

/** The labels of three people of a few traces; by trace, then by person. */
const traces = fc.array(
  fc
    .integer({ min: 1, max: 6 })
    .chain((steps) =>
      fc.array(
        fc.uint8Array({ min: 0, max: UNKNOWN_LABEL, minLength: steps * WIDTH, maxLength: steps * WIDTH }),
        { minLength: 3, maxLength: 3 },
      ),
    ),
  { minLength: 1, maxLength: 5 },
)

function agreementOf(all: readonly (readonly Uint8Array[])[], names: readonly string[]) {
  const agreement = createAnnotatorAgreement()
  for (const people of all) agreement.add(new Map(people.map((said, at) => [names[at]!, said])))
  return agreement.finish()
}

describe('Krippendorff’s α', () => {
  it('is that of his own example with four people and missing values (2011, C)', () => {
    const people = [
      [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
      [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
      [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
      [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ]
    expect(alphaOf(people, 5)).toBeCloseTo(0.743, 3)
  })

  it('is that of his own example with two people and two values (2011, A)', () => {
    const people = [
      [0, 1, 0, 0, 0, 0, 0, 0, 1, 0],
      [1, 1, 1, 0, 0, 1, 0, 0, 0, 0],
    ].map((said) => said.map((value) => value + 1))
    expect(alphaOf(people, 2)).toBeCloseTo(0.095, 3)
  })

  it('is undefined where nobody ever says otherwise of anything, or no unit is judged twice', () => {
    expect(alphaOf([[1, 1], [1, 1]], 2)).toBeNull() // prettier-ignore
    expect(alphaOf([[1, 0], [0, 2]], 2)).toBeNull() // prettier-ignore
  })
})

describe('agreement between annotators', () => {
  it('is the same whoever comes first, and whatever the order of traces', async () => {
    await fc.assert(
      fc.asyncProperty(traces, async (all) => {
        const straight = await agreementOf(all, ['a', 'b', 'c'])
        const turned = await agreementOf(all.map((people) => people.toReversed()).toReversed(), [
          'c',
          'b',
          'a',
        ])
        // Draws of traces in another order are other draws.
        const bare = (told: typeof straight) =>
          JSON.stringify(told, (key, value: unknown) => (key === 'interval' ? undefined : value))
        expect(bare(turned)).toBe(bare(straight))
        expect(await agreementOf(all, ['a', 'b', 'c'])).toEqual(straight)
      }),
      { numRuns: 10 },
    )
  })

  it('is 1 between two who say the same', async () => {
    await fc.assert(
      fc.asyncProperty(traces, async (all) => {
        const { behaviours, pairs } = await agreementOf(
          all.map(([said]) => [said!, said!]),
          ['a', 'b'],
        )
        for (const behaviour of BEHAVIOURS) {
          const { both = 0, neither = 0, kappa } = pairs[0]?.behaviours[behaviour] ?? {}
          const defined = both > 0 && neither > 0
          expect(behaviours[behaviour]).toMatchObject({ differ: 0, alpha: defined ? 1 : null })
          if (defined) expect(kappa).toBeCloseTo(1, 12)
          else expect(kappa ?? null).toBeNull()
        }
      }),
      { numRuns: 10 },
    )
  })

  it('of a pair is that of its table of two by two', async () => {
    await fc.assert(
      fc.asyncProperty(traces, async (all) => {
        const names = ['a', 'b', 'c']
        const { pairs } = await agreementOf(all, names)
        for (const [one, other] of [
          [0, 1],
          [0, 2],
          [1, 2],
        ] as const) {
          // prettier-ignore
          const found = pairs.find(({ between }) => between.join() === [names[one], names[other]].join())
          for (const [column, behaviour] of BEHAVIOURS.entries()) {
            const said = all.flatMap((people) =>
              [...people[one]!].flatMap((a, at) =>
                at % WIDTH === column && a < 2 && people[other]![at]! < 2 ? [[a, people[other]![at]!]] : [],
              ),
            )
            const n = said.length
            const share = (test: (a: number, b: number) => boolean) =>
              said.filter(([a, b]) => test(a!, b!)).length / n
            const observed = share((a, b) => a === b)
            const [p, q] = [share((a) => a === 1), share((_, b) => b === 1)]
            const chance = p * q + (1 - p) * (1 - q)
            const told = found?.behaviours[behaviour]
            if (n === 0 || chance === 1) expect(told?.kappa ?? null).toBeNull()
            else expect(told!.kappa).toBeCloseTo((observed - chance) / (1 - chance), 10)
            const { both = 0, first = 0, second = 0, neither = 0 } = told ?? {}
            expect([both, first, second, neither]).toEqual(
              [
                [1, 1],
                [1, 0],
                [0, 1],
                [0, 0],
              ].map(
                // prettier-ignore
                ([x, y]) => said.filter(([a, b]) => a === x && b === y).length,
              ),
            )
          }
        }
      }),
      { numRuns: 20 },
    )
  })

  it('counts the steps that two have judged, and those of which they say otherwise', async () => {
    const [one, other] = [
      Uint8Array.from([1, 0, 2, 2, 0, 0, 0, 0, 2, 2, 2, 2]),
      Uint8Array.from([0, 0, 1, 2, 0, 0, 0, 0, 1, 1, 1, 1]),
    ]
    const { traces: count, steps, behaviours, pairs } = await agreementOf([[one, other]], ['a', 'b'])
    expect({ count, steps }).toEqual({ count: 1, steps: 2 })
    expect(behaviours.verification).toMatchObject({ steps: 2, differ: 1, interval: null })
    expect(behaviours.subgoal_setting).toMatchObject({ steps: 1, differ: 0, alpha: null })
    expect(pairs).toMatchObject([{ between: ['a', 'b'], traces: 1, steps: 2 }])
    const said = new Map([['a', one], ['b', other]]) // prettier-ignore
    expect([...one.keys()].filter((at) => isDisputed(said, at))).toEqual([0])
  })

  it('lies in an interval of draws of whole traces', async () => {
    const steps = (...said: number[]) => Uint8Array.from(said.flatMap((value) => [value, 2, 2, 2]))
    const all = Array.from({ length: 20 }, (_, at) => [
      steps(1, 0, 0, 1),
      at % 5 === 0 ? steps(0, 1, 1, 0) : steps(1, 0, 0, 1),
    ])
    const { behaviours, pairs } = await agreementOf(all, ['a', 'b'])
    for (const [value, [low, high]] of [
      [behaviours.verification.alpha!, behaviours.verification.interval!],
      [pairs[0]!.behaviours.verification.kappa!, pairs[0]!.behaviours.verification.interval!],
    ] as const) {
      expect(low).toBeLessThan(value)
      expect(high).toBeGreaterThan(value)
    }
    // Twenty times as many steps of as many traces tell no more: steps of one trace stand or fall together.
    const long = all.map((people) => people.map((said) => Uint8Array.from(Array(20).fill([...said]).flat()))) // prettier-ignore
    const wide = (await agreementOf(long, ['a', 'b'])).pairs[0]!.behaviours.verification
    expect(wide.interval).toEqual(pairs[0]!.behaviours.verification.interval)
  })

  it('lets others have their turn between intervals', async () => {
    const agreement = createAnnotatorAgreement()
    const said = Uint8Array.from([1, 0, 2, 0])
    for (let trace = 0; trace < 3; trace++)
      agreement.add(new Map(['a', 'b', 'c'].map((name) => [name, said])))
    let breaths = 0
    await agreement.finish(async () => void breaths++)
    // Of everybody and of three pairs.
    expect(breaths).toBe((1 + 3) * WIDTH)
  })
})
