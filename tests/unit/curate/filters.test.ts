import { describe, expect, it } from 'vitest'
import { Recipe, subjectOf, type CurateTrace, type RecipeInput } from '#shared/domain/curate/index.ts'
import { describeFilter } from '#shared/domain/curate/describe.ts'
import { compileFilter } from '#shared/domain/curate/filters.ts'
import { evidenceOf, countShown } from '#shared/domain/curate/evidence.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { CONTEXT, generated, LABELS, subject, trace } from './traces.ts'

type FilterInput = NonNullable<RecipeInput['filters']>[number]
const ready = (filter: FilterInput) =>
  compileFilter(Recipe.parse({ recipe: 1, name: 'a', filters: [filter] }).filters[0]!, CONTEXT)
const holds = (filter: FilterInput, given: Partial<CurateTrace> = {}) => ready(filter).holds(subject(given))

/** Two steps; the first is predicted to verify at 0.9, the second to backtrack at 0.6. */
const predicted = {
  response: 'Check it. Go back.',
  bounds: segment('Check it. Go back.'),
  prediction: {
    model: 'm',
    version: '1',
    thresholds: [0.5, 0.5, 0.5, 0.5],
    probabilities: Float32Array.of(0.9, 0.1, 0, 0, 0.2, 0.6, 0, 0),
  },
}

describe('labels come before predictions', () => {
  const counts = (given: Partial<CurateTrace>, labels = {}) => {
    const { steps, from } = evidenceOf(trace({ ...predicted, ...given }), { ...LABELS, ...labels })
    return [...countShown(steps, 'steps'), ...from]
  }
  const label = (
    start: number,
    behaviour: 'verification' | 'backtracking',
    verdict: 'present' | 'absent',
  ) => ({ start, end: start + 4, behaviour, verdict })

  it('predictions count from the threshold on', () => {
    expect(counts({})).toEqual([1, 1, 0, 0, 'predictions'])
    expect(counts({}, { threshold: 0.7 })).toEqual([1, 0, 0, 0, 'predictions'])
    expect(counts({}, { threshold: { verification: 0.95 } })).toEqual([0, 1, 0, 0, 'predictions'])
  })

  it('what a person says of a step replaces the prediction for that behaviour there', () => {
    expect(counts({ annotations: [label(0, 'verification', 'absent')] })).toEqual([
      0,
      1,
      0,
      0,
      'people',
      'predictions',
    ])
    expect(counts({ annotations: [label(10, 'verification', 'present')] })).toEqual([
      2,
      1,
      0,
      0,
      'people',
      'predictions',
    ])
  })

  it('a trace labelled throughout shows nothing else', () => {
    const annotations = [label(0, 'verification', 'present')]
    expect(counts({ annotations }, { annotated_traces: 'complete' })).toEqual([1, 0, 0, 0, 'people'])
    expect(counts({ annotations }, { annotations: 'ignore' })).toEqual([1, 1, 0, 0, 'predictions'])
    expect(counts({}, { annotations: 'only' })).toEqual([0, 0, 0, 0, 'nothing'])
  })

  it('labels that the file brings for all steps leave nothing to predictions', () => {
    const metadata = {
      cairn_labels: {
        steps: [
          [0, 9],
          [10, 18],
        ],
        annotations: [],
      },
    }
    expect(counts({ metadata })).toEqual([0, 0, 0, 0, 'file'])
  })
})

describe('filters', () => {
  it('"only" is exactly the behaviours that generated traces promise', () => {
    const sets = [[], ['backtracking'], ['backtracking', 'verification']] as const
    const traces = generated({ count: 60, behaviours: sets.map((set) => [...set]) })
    for (const [at, set] of sets.entries()) {
      const filter = ready({ only: [...set] })
      const kept = traces.filter((one) => filter.holds(subjectOf(one, CONTEXT)))
      expect(kept.map(({ id }) => (id - 1) % 3)).toEqual(Array.from({ length: 20 }, () => at))
    }
  })

  it.each<[FilterInput, Partial<CurateTrace>, boolean]>([
    [{ correct: true }, {}, true],
    [{ correct: null }, { correct: null, reference: null }, true],
    [{ field: 'reward', min: 0.5 }, { reward: 0.5 }, true],
    [{ field: 'reward', min: 0.5 }, {}, false],
    [{ field: 'metadata.bucket.level', is: 'easy' }, { metadata: { bucket: { level: 'easy' } } }, true],
    [{ field: 'tags[1]', in: ['b'] }, { metadata: { tags: ['a', 'b'] } }, true],
    [{ field: 'absent', exists: false }, {}, true],
    [{ field: 'constructor', exists: true }, {}, false],
    [{ length: { of: 'thought', in: 'characters', max: 25 } }, {}, true],
    [{ length: { of: 'prompt', in: 'tokens', min: 20 } }, {}, false],
    [{ length: { max: 2 } }, { response: '𝛼𝛽' }, true],
    [{ truncated: false }, {}, true],
    [{ answered: true }, { response: 'It may be 7, or 8' }, false],
    [{ answered: true }, { response: 'The answer is 7.' }, true],
    [{ loops: true }, { response: 'Again and again.\n'.repeat(5) }, true],
    [{ behaviours: { total: { min: 2 } } }, predicted, true],
    [{ behaviours: { verification: 1, backtracking: 0 } }, predicted, false],
    [{ not: { correct: true } }, {}, false],
    [{ any: [{ correct: false }, { field: 'run', is: 'run' }] }, {}, true],
    [{ problem: { drop: ['proof'] } }, { prompt: 'Prove that 2 is even.' }, false],
    [{ labelled_by: ['people'] }, predicted, false],
    [
      { verdict: 'disagrees' },
      {
        correct: false,
        response: 'Final answer: <answer>1 + 1</answer>',
        prompt: 'Using the numbers [1, 1], create an equation that equals 2. Return <answer>',
      },
      true,
    ],
  ])('%j on %j', (filter, given, expected) => {
    expect(holds(filter, given)).toBe(expected)
  })

  it('of behaviours let nothing pass that nobody has looked at', () => {
    expect(holds({ only: [] })).toBe(false)
    expect(holds({ behaviours: { verification: 0 } })).toBe(false)
    const looked = { metadata: { cairn_labels: { steps: [[0, 7]], annotations: [] } } }
    expect(holds({ only: [] }, looked)).toBe(true)
  })

  it('of fields count behaviours of people’s own, where somebody has looked', () => {
    const own = { 'unit check': { steps: 5, episodes: 2 } }
    const holds = (field: string, given: Partial<CurateTrace>) =>
      compileFilter({ field, min: 3 }, CONTEXT).holds(subject(given))
    expect(holds('own.Unit check', { own })).toBe(true)
    expect(holds('own.unit check.episodes', { own })).toBe(false)
    expect(holds('own.unit check', {})).toBe(false)
    expect(holds('own.unit check', { metadata: { own: { 'unit check': 4 } } })).toBe(true)
  })

  it('that remember let the first one pass', () => {
    const unique = ready({ unique: 'response' })
    expect(
      [subject(), subject({ id: 2 }), subject({ id: 3, textHash: 'other' })].map((one) => unique.holds(one)),
    ).toEqual([true, false, true])
    const near = ready({ unique: { near: 0.7 } })
    const text = generated({ count: 2, seed: '9' }).map(({ response }) => response)
    const texts = [text[0]!, `${text[0]!}\nSo that is it.`, text[1]!]
    expect(texts.map((response, at) => near.holds(subject({ id: at, response })))).toEqual([
      true,
      false,
      true,
    ])
  })

  it('are named for the funnel', () => {
    const names = [
      { only: [] },
      { length: { max: 10 } },
      { behaviours: { backtracking: { min: 2 } }, unit: 'episodes' },
    ] as FilterInput[]
    expect(names.map((filter) => ready(filter).name)).toEqual([
      'no behaviour',
      'response of at most 10 characters',
      'at least 2 backtracking (episodes)',
    ])
    expect(describeFilter({ correct: true, name: 'mine' })).toBe('mine')
  })
})
