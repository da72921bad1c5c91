import { BEHAVIOUR_STYLE, BEHAVIOURS, type Behaviour } from '../behaviours.ts'

/** What a behaviour is called and how it is done, as a model is told (after Didolkar et al. 2025, behaviour handbooks). */
export interface HandbookEntry {
  readonly behaviour: Behaviour
  readonly name: string
  readonly instruction: string
}

/** Instructions where a recipe gives none of its own. */
const INSTRUCTIONS: Readonly<Record<Behaviour, string>> = {
  verification: 'Check a result against the goal, or work it out a second time, before you rely on it.',
  backtracking: 'When a way does not lead to the goal, say so, give it up and go on from an earlier point.',
  subgoal_setting: 'Name a smaller goal on the way, and reach it before you go on.',
  backward_chaining: 'Start from the goal: ask what it would take to reach it, and look for that.',
}

/** Entries of the handbook, in the order of `BEHAVIOURS`. @param own instructions of a recipe */
export function handbook(own: Readonly<Partial<Record<Behaviour, string | undefined>>>): HandbookEntry[] {
  return BEHAVIOURS.map((behaviour) => ({
    behaviour,
    name: BEHAVIOUR_STYLE[behaviour].name,
    instruction: own[behaviour] ?? INSTRUCTIONS[behaviour],
  }))
}

/** A text with `{behaviours}` as the names, and `{handbook}` as the entries, of the behaviours of a row. */
export function fillIn(text: string, shown: readonly Behaviour[], entries: readonly HandbookEntry[]): string {
  const used = entries.filter(({ behaviour }) => shown.includes(behaviour))
  const names = used.map(({ name }) => name).join(', ') || 'none'
  const lines = used.map(({ name, instruction }) => `- ${name}: ${instruction}`).join('\n') || '- none'
  return text.replaceAll('{behaviours}', () => names).replaceAll('{handbook}', () => lines)
}

/** Whether a text asks for the handbook. */
export const asksForHandbook = (text: string): boolean => text.includes('{handbook}')
