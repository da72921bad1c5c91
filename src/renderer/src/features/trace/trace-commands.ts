import type { Command } from '../../app/commands.svelte.ts'
import { LOOKS, titleCase } from '../../ui/behaviours.ts'
import type { Labelling } from './labelling.ts'

export interface TraceActions {
  /** Moves the cursor by steps. */
  move(by: number): void
  moveTo(step: 'first' | 'last'): void
  /** To the next step, in a direction, that has a prediction or a label. */
  moveMarked(direction: 1 | -1): void
  /** To another trace of the selection. */
  go(direction: 1 | -1): void
  back(): void
  writeNote(): void
  readonly labelling: Labelling
}

/** The commands of the Trace view. */
export function traceCommands(actions: TraceActions): readonly Command[] {
  const { labelling } = actions
  const at = (id: string, title: string, keys: string[], run: () => void): Command => ({
    id: `trace-${id}`,
    title,
    group: 'Trace',
    keys,
    run,
  })
  const label = (id: string, title: string, keys: string[], run: () => void): Command => ({
    ...at(id, title, keys, run),
    group: 'Label',
  })
  return [
    at('next-step', 'Next step', ['j', 'ArrowDown'], () => actions.move(1)),
    at('step-before', 'Step before', ['k', 'ArrowUp'], () => actions.move(-1)),
    at('next-marked', 'Next step with a behaviour', ['J', 'shift+ArrowDown'], () => actions.moveMarked(1)),
    at('marked-before', 'Step with a behaviour before', ['K', 'shift+ArrowUp'], () => actions.moveMarked(-1)),
    at('first-step', 'First step', ['Home'], () => actions.moveTo('first')),
    at('last-step', 'Last step', ['End'], () => actions.moveTo('last')),
    at('next', 'Next trace', [']', 'ArrowRight'], () => actions.go(1)),
    at('before', 'Trace before', ['[', 'ArrowLeft'], () => actions.go(-1)),
    at('back', 'Back to the traces', ['Escape'], () => actions.back()),
    at('note', 'Write a note', ['n'], () => actions.writeNote()),
    ...LOOKS.map(({ id, name, key }) => label(id, titleCase(name), [key], () => void labelling.toggle(id))),
    label('accept', 'Accept the predictions', ['Enter'], () => void labelling.judge('present')),
    label('reject', 'Reject the predictions', ['x'], () => void labelling.judge('absent')),
    label('undo', 'Undo', ['z', 'mod+z'], () => void labelling.undo()),
    label('redo', 'Redo', ['Z', 'mod+shift+z', 'mod+y'], () => void labelling.redo()),
  ]
}
