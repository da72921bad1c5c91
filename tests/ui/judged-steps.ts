import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import type { Annotation } from '#shared/contract/labels.ts'
import type { App } from './app.ts'

/**
 * Judges the first steps of twelve traces, each for all behaviours, as somebody who calls every third a check: enough to
 * learn from. Labels that other tests have left are away meanwhile.
 * @returns puts things back
 */
export async function judgeSteps(app: App): Promise<() => Promise<void>> {
  const { handlers } = app.engine()
  const others = await everyLabel(app)
  for (const { id } of others) await handlers['labels.remove']({ id })
  const ids: number[] = []
  for (let traceId = 1; traceId <= 12; traceId++) {
    const { bounds } = await handlers['traces.get']({ id: traceId })
    const add = Array.from({ length: Math.min(40, bounds!.length / 2) }, (_, step) =>
      BEHAVIOURS.map((behaviour) => ({
        span: { start: bounds![step * 2]!, end: bounds![step * 2 + 1]! },
        behaviour,
        verdict: behaviour === 'verification' && step % 3 === 0 ? ('present' as const) : ('absent' as const),
        ...{ target: null, note: '' },
      })),
    ).flat()
    const { added } = await handlers['labels.apply']({
      ...{ traceId, annotator: 'test', add, update: [], remove: [], join: false },
    })
    ids.push(...added.map(({ id }) => id))
  }
  return async () => {
    // Of the engine of then, which may be another.
    const { handlers } = app.engine()
    for (const id of ids) await handlers['labels.remove']({ id })
    for (const { traceId, start, end, behaviour, verdict, annotator, target, note } of others)
      await handlers['labels.add']({
        traceId,
        annotator,
        span: { start, end },
        behaviour,
        verdict,
        target,
        note,
      })
  }
}

async function everyLabel(app: App): Promise<Annotation[]> {
  const { handlers } = app.engine()
  const sort = { by: 'id', descending: false } as const
  const found: Annotation[] = []
  for (let offset = 0; ; offset += 500) {
    const rows = await handlers['traces.list']({ filter: {}, sort, offset, limit: 500 })
    for (const { id } of rows) found.push(...(await handlers['labels.list']({ traceId: id })))
    if (rows.length < 500) return found
  }
}
