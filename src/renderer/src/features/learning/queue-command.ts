import type { Span } from '#shared/domain/trace.ts'
import type { Command } from '../../app/command.ts'
import type { AppContext } from '../../app/context.ts'
import { labelQueue } from './label-queue.svelte.ts'

/**
 * Has something said of the step that is asked for, and goes on to the next one; in another place it goes to the step,
 * and starts the queue where there is none. Nothing while steps are looked for.
 * @param here the trace that is being read
 * @param say hears of the step before the next one is asked for
 */
export function goOn(app: AppContext, here: number | null, say: (asked: Span) => void): void {
  const { current, looking } = labelQueue
  if (looking) return
  if (current === null || current.traceId !== here) return void labelQueue.resume(app)
  say(current)
  void labelQueue.next(app)
}

/**
 * Starts the queue of steps to label, or goes to the step that it asks for; where one is there already, to the next.
 * @param here the trace that is being read
 * @param leave hears of the step that was asked for there, before the next one is
 */
export const queueCommand = (
  app: AppContext,
  id: string,
  here: () => number | null = () => null,
  leave: (asked: Span) => void = () => undefined,
): Command => ({
  id,
  title: 'Label next',
  group: 'Label',
  keys: ['N'],
  run: () => goOn(app, here(), leave),
})
