import { describe, expect, it } from 'vitest'
import { createLearning } from '#engine/services/learning.ts'
import type { Annotation } from '#shared/contract/labels.ts'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'

const STEPS = 20
const bounds = Uint32Array.from({ length: STEPS * 2 }, (_, at) => (at + (at % 2)) * 10)
const of = { names: ['own', 'other'] } as never

/** Learning over so many traces, each with its first step labelled by Ann, the odd ones by Bob, too. */
function learningOver(count: number) {
  const ids = Array.from({ length: count }, (_, index) => index + 1)
  const whose = (id: number) => (id % 2 === 1 ? ['Ann', 'Bob'] : ['Ann'])
  /** Traces whose labels were read. */
  const read: number[] = []
  const at = { text: '', busy: 0, verdict: 'present' as Annotation['verdict'] }
  const annotations = {
    labelledTraces: () => ids,
    labelledBy: () => ids.flatMap((traceId) => whose(traceId).map((annotator) => ({ traceId, annotator }))),
    ofTrace(id: number) {
      read.push(id)
      const began = performance.now()
      while (performance.now() - began < at.busy);
      return whose(id).flatMap((annotator) =>
        BEHAVIOURS.map((behaviour) => ({ start: 0, end: 20, behaviour, verdict: at.verdict, annotator })),
      )
    },
  }
  const logits = async (_: unknown, id: number) => ({
    trace: {
      row: { id, prompt: `${id}`, key: null },
      ...{ response: `${id}`.padEnd(STEPS * 20), textHash: `h${id}${at.text}`, segmenter: 2 },
    },
    ...{ bounds, logits: new Float32Array(STEPS * 2 * BEHAVIOURS.length) },
  })
  const jobs = { register: () => undefined }
  const learning = createLearning({ jobs, annotations, looks: { logits }, traces: {} } as never)
  const ask = async (annotator: string | null) => {
    read.length = 0
    const { found, sentences } = await learning.examples(of, annotator)
    return { found, sentences, read: [...read] }
  }
  return { learning, ask, at }
}

describe('what labels say', () => {
  it('is read anew only of a trace whose labels have changed, or whose text has', async () => {
    const { learning, ask, at } = learningOver(4)
    const first = await ask(null)
    expect(first.read).toEqual([1, 2, 3, 4])
    expect(first.found.map(({ labels }) => [...labels])).toEqual(new Array(4).fill([1, 1, 1, 1]))
    expect(await ask(null)).toEqual({ ...first, read: [] })
    at.verdict = 'absent'
    learning.forget(3)
    const next = await ask(null)
    expect(next.read).toEqual([3])
    expect(next.found.map(({ labels }) => labels[0])).toEqual([1, 1, 0, 1])
    at.text = ' anew'
    expect((await ask(null)).read).toEqual([1, 2, 3, 4])
  })

  it('is one thing by everybody and another by one person', async () => {
    const { ask, learning } = learningOver(4)
    await ask(null)
    expect((await ask('Bob')).read).toEqual([1, 3])
    expect((await ask('Ann')).read).toEqual([1, 2, 3, 4])
    expect((await ask('Bob')).found.map(({ group }) => group)).toEqual(['1', '3'])
    learning.forget(1)
    for (const annotator of [null, 'Ann', 'Bob']) expect((await ask(annotator)).read).toEqual([1])
  })

  it('keeps nobody waiting while it is read', async () => {
    const { ask, at } = learningOver(100)
    at.busy = 2
    let ticks = 0
    const tick = () => void (ticks++, (timer = setImmediate(tick)))
    let timer = setImmediate(tick)
    await ask(null)
    clearImmediate(timer)
    expect(ticks).toBeGreaterThan(4)
  })
})
