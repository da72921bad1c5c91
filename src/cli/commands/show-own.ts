import type { OwnBehaviour, OwnLabel, OwnPrediction } from '#shared/contract/own.ts'
import { marks } from '#shared/domain/evaluation/align.ts'
import type { Span } from '#shared/domain/trace.ts'
import { paint } from '../terminal.ts'

/** Behaviours of the workspace's own, and what people and heads say of them in a trace. */
export interface OwnOfTrace {
  readonly all: readonly OwnBehaviour[]
  readonly labels: readonly OwnLabel[]
  readonly predictions: readonly OwnPrediction[]
}

/** Names of those that a step shows, a person's labels underlined; empty where there are none. */
export function ownOfStep({ all, labels, predictions }: OwnOfTrace, step: number, span: Span): string {
  const names = all.flatMap(({ id, name }) => {
    const here = labels.filter((one) => one.behaviour === id && marks(one, span))
    if (here.some(({ verdict }) => verdict === 'present')) return paint(['bold', 'underline'], name)
    const said = predictions.find(({ behaviour }) => behaviour === id)
    const shown = here.length === 0 && (said?.probabilities[step] ?? 0) >= (said?.threshold ?? 1)
    return shown ? paint('cyan', name) : []
  })
  return names.length === 0 ? '' : `  ${paint('dim', '·')} ${names.join(', ')}`
}
