import type { Command } from '../../app/commands.svelte.ts'
import { LOOKS, titleCase } from '../../ui/behaviours.ts'
import type { Labelling } from './labelling.ts'
import type { Edge, Unit } from './span-edit.ts'

/** How the edges of the focused label are moved. */
const MOVES: readonly (readonly [Edge, Unit, 1 | -1, key: string, title: string])[] = [
  ['end', 'step', 1, '.', 'Extend the label by a step'],
  ['end', 'step', -1, ',', 'Shrink the label by a step'],
  ['start', 'step', -1, '<', 'Start the label a step earlier'],
  ['start', 'step', 1, '>', 'Start the label a step later'],
  ['end', 'word', 1, 'alt+ArrowRight', 'Extend the label by a word'],
  ['end', 'word', -1, 'alt+ArrowLeft', 'Shrink the label by a word'],
  ['start', 'word', -1, 'alt+shift+ArrowLeft', 'Start the label a word earlier'],
  ['start', 'word', 1, 'alt+shift+ArrowRight', 'Start the label a word later'],
  ['end', 'character', 1, 'mod+ArrowRight', 'Extend the label by a character'],
  ['end', 'character', -1, 'mod+ArrowLeft', 'Shrink the label by a character'],
  ['start', 'character', -1, 'mod+shift+ArrowLeft', 'Start the label a character earlier'],
  ['start', 'character', 1, 'mod+shift+ArrowRight', 'Start the label a character later'],
]

export interface TraceActions {
  /** Moves the cursor by steps; `extend` takes what lies between into the range. */
  move(by: number, extend?: boolean): void
  moveTo(step: 'first' | 'last'): void
  /** To the next step, in a direction, that has a prediction or a label. */
  moveMarked(direction: 1 | -1): void
  /** To another trace of the selection. */
  go(direction: 1 | -1): void
  back(): void
  writeNote(): void
  /** Opens the reasoning tree, goes there, or closes it. */
  showTree(): void
  /** Looks for steps like the one that the cursor is on. */
  findSimilar(): void
  /** Shows the steps of the selection in groups of like ones. */
  groupSteps(): void
  /** Starts to pick what the focused label points at. */
  pickTarget(): void
  /** To what the focused label points at, and back again. */
  followTarget(): void
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
    at('extend-down', 'Select the next step too', ['shift+ArrowDown'], () => actions.move(1, true)),
    at('extend-up', 'Select the step before too', ['shift+ArrowUp'], () => actions.move(-1, true)),
    at('next-marked', 'Next step with a behaviour', ['J'], () => actions.moveMarked(1)),
    at('marked-before', 'Step with a behaviour before', ['K'], () => actions.moveMarked(-1)),
    at('first-step', 'First step', ['Home'], () => actions.moveTo('first')),
    at('last-step', 'Last step', ['End'], () => actions.moveTo('last')),
    at('next', 'Next trace', [']', 'ArrowRight'], () => actions.go(1)),
    at('before', 'Trace before', ['[', 'ArrowLeft'], () => actions.go(-1)),
    at('back', 'Back to the traces', ['Escape'], () => actions.back()),
    at('tree', 'Reasoning tree', ['r'], () => actions.showTree()),
    at('similar', 'Find steps like this one', ['f'], () => actions.findSimilar()),
    at('groups', 'Groups of similar steps', ['F'], () => actions.groupSteps()),
    at('note', 'Write a note', ['n'], () => actions.writeNote()),
    ...LOOKS.map(({ id, name, key }) => label(id, titleCase(name), [key], () => labelling.toggle(id))),
    label('accept', 'Accept the predictions', ['Enter'], () => labelling.judge('present')),
    label('reject', 'Reject the predictions', ['x'], () => labelling.judge('absent')),
    ...LOOKS.map(({ id, name, key }) =>
      label(`correct-${id}`, `Correct the predictions to ${name}`, [key.toUpperCase()], () =>
        labelling.correct(id),
      ),
    ),
    label('choose', 'Choose the next label on the step', ['l'], () => labelling.cycle()),
    ...MOVES.map(([edge, unit, direction, key, title]) =>
      label(`${edge}-${unit}-${direction === 1 ? 'on' : 'back'}`, title, [key], () =>
        labelling.adjust(edge, unit, direction),
      ),
    ),
    label('target', 'Mark what it checks or returns to', ['t'], () => actions.pickTarget()),
    label('follow', 'Go to the target and back', ['T'], () => actions.followTarget()),
    label('undo', 'Undo', ['z', 'mod+z'], () => void labelling.undo()),
    label('redo', 'Redo', ['Z', 'mod+shift+z', 'mod+y'], () => void labelling.redo()),
  ]
}
