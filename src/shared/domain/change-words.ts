import { BEHAVIOUR_STYLE, type Behaviour } from './behaviours.ts'

/** What of a label its changes are told by. */
export interface LabelState {
  readonly start: number
  readonly end: number
  readonly behaviour: Behaviour
  readonly verdict: 'present' | 'absent'
  readonly target: { readonly start: number; readonly end: number } | null
  readonly note: string
}

/** A label before and after a change; null where there was none. */
export interface LabelChange {
  readonly before: LabelState | null
  readonly after: LabelState | null
}

/** Changes of labels in words, as a history tells them: "label verification, reject backtracking". */
export function changeWords(changes: readonly LabelChange[]): string {
  const objects = new Map<string, string[]>()
  for (const change of changes) {
    const [verb, object] = wordsOf(change)
    const known = objects.get(verb) ?? []
    if (!known.includes(object)) known.push(object)
    objects.set(verb, known)
  }
  return [...objects].map(([verb, names]) => `${verb} ${listed(names)}`).join(', ')
}

/** A change to a behaviour of one's own (by its name), or to a label of it. */
export type OwnChange =
  | { kind: 'own'; before: { name: string } | null; after: { name: string } | null }
  | { kind: 'own-label'; name: string; before: OwnVerdict; after: OwnVerdict }
type OwnVerdict = { readonly verdict: 'present' | 'absent' } | null

/** The same for behaviours of one's own: "label “unit check”", "remove the behaviour “unit check”". */
export function ownWords(changes: readonly OwnChange[]): string {
  return changes
    .map((change) => {
      const { before, after } = change
      if (change.kind === 'own')
        return `${after === null ? 'remove' : 'add'} the behaviour “${(change.after ?? change.before)!.name}”`
      const verb =
        after === null
          ? `remove ${change.before!.verdict === 'present' ? 'label' : 'rejection of'}`
          : change.after!.verdict === 'absent'
            ? 'reject'
            : before === null
              ? 'label'
              : 'accept'
      return `${verb} “${change.name}”`
    })
    .join(', ')
}

function wordsOf({ before, after }: LabelChange): [verb: string, object: string] {
  if (before === null) return [after!.verdict === 'present' ? 'label' : 'reject', nameOf(after!)]
  if (after === null)
    return [`remove ${before.verdict === 'present' ? 'label' : 'rejection of'}`, nameOf(before)]
  if (before.behaviour !== after.behaviour)
    return ['change', `${nameOf(before)} to ${BEHAVIOUR_STYLE[after.behaviour].name}`]
  if (before.verdict !== after.verdict)
    return [after.verdict === 'present' ? 'accept' : 'reject', nameOf(after)]
  if (before.start !== after.start || before.end !== after.end) return [moveOf(before, after), nameOf(after)]
  if (!sameTarget(before.target, after.target))
    return [after.target === null ? 'clear the target of' : 'set the target of', nameOf(after)]
  return [after.note === '' ? 'remove the note on' : 'note on', nameOf(after)]
}

function moveOf(before: LabelState, after: LabelState): string {
  if (after.start <= before.start && after.end >= before.end) return 'extend'
  if (after.start >= before.start && after.end <= before.end) return 'shrink'
  return 'move'
}

const nameOf = ({ behaviour }: LabelState) => BEHAVIOUR_STYLE[behaviour].name

function sameTarget(a: LabelState['target'], b: LabelState['target']): boolean {
  return a?.start === b?.start && a?.end === b?.end
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`
}
