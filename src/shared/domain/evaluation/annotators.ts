import { BEHAVIOURS, type Behaviour } from '../behaviours.ts'
import { addCoincidences, cohensKappa, countPair, krippendorffsAlpha, nothingCounted } from './agreement.ts'
import { interval } from './bootstrap.ts'
import { UNKNOWN_LABEL } from './evaluate.ts'

/** What each of those who labelled a trace says of its steps: steps × behaviours, row-major, 0, 1 or `UNKNOWN_LABEL`. */
export type SaidOfTrace = ReadonlyMap<string, Uint8Array>

const WIDTH = BEHAVIOURS.length

/** Whether two of those who have judged a step for a behaviour, the label at `at`, say otherwise of it. */
export function isDisputed(said: SaidOfTrace, at: number): boolean {
  const [no, yes] = votes(said, at)
  return no > 0 && yes > 0
}

/**
 * Adds up what people say of the same steps, trace by trace: Krippendorff's α of all of them, Cohen's κ of each two.
 * Intervals are of 95 %, by drawing whole traces with replacement; null where there are fewer than two.
 */
export function createAnnotatorAgreement() {
  const sum = { traces: 0, steps: 0 }
  const everybody = BEHAVIOURS.map(() => createAlpha())
  const pairs = new Map<string, ReturnType<typeof createPair>>()

  const addAll = (said: SaidOfTrace, labels: number) => {
    let steps = 0
    for (let at = 0; at < labels; at += WIDTH) {
      const judged = everybody.map((one, column) => one.add(votes(said, at + column)))
      if (judged.includes(true)) steps++
    }
    for (const one of everybody) one.endTrace()
    sum.traces += Number(steps > 0)
    sum.steps += steps
  }

  return {
    /** @param said of one trace, by name; all of the same steps */
    add(said: SaidOfTrace): void {
      const names = [...said.keys()].sort()
      if (names.length < 2) return
      addAll(said, said.get(names[0]!)!.length)
      for (const [at, one] of names.entries())
        for (const other of names.slice(at + 1)) {
          const key = JSON.stringify([one, other])
          const pair = pairs.get(key) ?? createPair([one, other])
          if (pair.add(said.get(one)!, said.get(other)!)) pairs.set(key, pair)
        }
    },
    /** @param breathe awaited between intervals, each of which takes a moment where there are thousands of traces */
    async finish(breathe: Breathe = () => undefined) {
      const behaviours = await ofEach((column) => everybody[column]!.finish(), breathe)
      const ordered = [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => pair)
      const told: Awaited<ReturnType<(typeof ordered)[number]['finish']>>[] = []
      for (const pair of ordered) told.push(await pair.finish(breathe))
      /** `pairs`: those with a step that both have judged, by name. */
      return { ...sum, behaviours, pairs: told }
    },
  }
}

/** What all say of one behaviour. */
function createAlpha() {
  const traces: Float64Array[] = []
  let [steps, differ, now] = [0, 0, new Float64Array(4)]
  return {
    /** Adds a step of the trace that is under way; whether at least two have judged it. */
    add([no, yes]: readonly [number, number]): boolean {
      if (no + yes < 2) return false
      steps++
      if (no > 0 && yes > 0) differ++
      addCoincidences(now, [no, yes])
      return true
    },
    endTrace(): void {
      if (now.every((o) => o === 0)) return
      traces.push(now)
      now = new Float64Array(4)
    },
    finish() {
      const all = new Float64Array(4)
      for (const one of traces) one.forEach((o, at) => (all[at]! += o))
      return { steps, differ, alpha: krippendorffsAlpha(all), interval: interval(traces, krippendorffsAlpha) }
    },
  }
}

/** What two say of the steps that both have judged. */
function createPair(between: readonly [string, string]) {
  /** Of each behaviour, in all and trace by trace. */
  const all = BEHAVIOURS.map(nothingCounted)
  const traces = BEHAVIOURS.map((): Float64Array[] => [])
  const sum = { traces: 0, steps: 0 }
  return {
    /** Whether both have judged a step of the trace. */
    add(first: Uint8Array, second: Uint8Array): boolean {
      const counts = BEHAVIOURS.map(nothingCounted)
      const judged = new Set<number>()
      for (const [at, one] of first.entries()) {
        const other = second[at]
        if (one === UNKNOWN_LABEL || other === UNKNOWN_LABEL) continue
        judged.add(Math.floor(at / WIDTH))
        for (const those of [counts, all]) countPair(those[at % WIDTH]!, one === 1, other === 1)
      }
      sum.traces += Number(judged.size > 0)
      sum.steps += judged.size
      for (const [column, { both, first: a, second: b, neither }] of counts.entries())
        if (both + a + b + neither > 0) traces[column]!.push(Float64Array.of(both, a, b, neither))
      return judged.size > 0
    },
    finish: async (breathe: Breathe) => ({
      between,
      ...sum,
      behaviours: await ofEach(
        (column) => ({
          ...all[column]!,
          kappa: cohensKappa(all[column]!),
          interval: interval(traces[column]!, ([both, first, second, neither]) =>
            cohensKappa({ both: both!, first: first!, second: second!, neither: neither! }),
          ),
        }),
        breathe,
      ),
    }),
  }
}

/** How many say no of a step and a behaviour, and how many yes. */
function votes(said: SaidOfTrace, at: number): readonly [number, number] {
  let [no, yes] = [0, 0]
  for (const labels of said.values())
    if (labels[at] === 1) yes++
    else if (labels[at] === 0) no++
  return [no, yes]
}

type Breathe = () => Promise<void> | undefined

async function ofEach<T>(work: (column: number) => T, breathe: Breathe): Promise<Record<Behaviour, T>> {
  const found: [Behaviour, T][] = []
  for (const [column, behaviour] of BEHAVIOURS.entries()) {
    found.push([behaviour, work(column)])
    await breathe()
  }
  return Object.fromEntries(found) as Record<Behaviour, T>
}
