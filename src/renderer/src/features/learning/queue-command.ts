import type { Command } from '../../app/command.ts'
import type { AppContext } from '../../app/context.ts'
import { labelQueue } from './label-queue.svelte.ts'

/**
 * Starts the queue of steps to label, or goes to the step that it asks for; where one is there already, to the next.
 * @param here the trace that is being read
 */
export const queueCommand = (
  app: AppContext,
  id: string,
  here: () => number | null = () => null,
): Command => ({
  id,
  title: 'Label next',
  group: 'Label',
  keys: ['N'],
  run: () => void (labelQueue.current?.traceId === here() ? labelQueue.next(app) : labelQueue.resume(app)),
})
