import { BEHAVIOURS, BEHAVIOUR_STYLE, type Behaviour } from '#shared/domain/behaviours.ts'

/** How a behaviour looks and is typed, everywhere. Colours are custom properties named after the id. */
export interface BehaviourLook {
  readonly id: Behaviour
  /** Place in every array of scores. */
  readonly index: number
  readonly letter: string
  readonly name: string
  /** The key that sets it. */
  readonly key: string
  /** Path of its glyph in a box of 10 × 10. */
  readonly glyph: string
}

/** Circle, left-pointing triangle, square, diamond: told apart without colour, at six pixels. */
const GLYPHS: Record<Behaviour, string> = {
  verification: 'M5 .8a4.2 4.2 0 1 1 0 8.4a4.2 4.2 0 0 1 0-8.4z',
  backtracking: 'M.6 5L9 .4v9.2z',
  subgoal_setting: 'M1.2 1.2h7.6v7.6H1.2z',
  backward_chaining: 'M5 .2L9.8 5L5 9.8L.2 5z',
}

export const LOOKS: readonly BehaviourLook[] = BEHAVIOURS.map((id, index) => ({
  id,
  index,
  ...BEHAVIOUR_STYLE[id],
  key: BEHAVIOUR_STYLE[id].letter.toLowerCase(),
  glyph: GLYPHS[id],
}))

export const LOOK_OF = Object.fromEntries(LOOKS.map((look) => [look.id, look])) as Record<
  Behaviour,
  BehaviourLook
>

/** First letter raised: names at the start of a label. */
export function titleCase(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
