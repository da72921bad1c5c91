import type { Span } from '#shared/domain/trace.ts'
import type { Command } from '../../app/command.ts'
import type { AppContext } from '../../app/context.ts'
import { labelQueue } from './label-queue.svelte.ts'

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
  run() {
    const { current } = labelQueue
    if (current === null || current.traceId !== here()) return void labelQueue.resume(app)
    leave(current)
    void labelQueue.next(app)
  },
})
