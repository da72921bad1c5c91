/** The four cognitive behaviours of Gandhi et al. 2025, in the order every array of scores uses. */
export const BEHAVIOURS = ['verification', 'backtracking', 'subgoal_setting', 'backward_chaining'] as const

export type Behaviour = (typeof BEHAVIOURS)[number]

/** Letter and plain name of a behaviour; the same in the terminal, the window and the docs. */
export const BEHAVIOUR_STYLE: Readonly<Record<Behaviour, { letter: string; name: string }>> = {
  verification: { letter: 'V', name: 'verification' },
  backtracking: { letter: 'B', name: 'backtracking' },
  subgoal_setting: { letter: 'S', name: 'subgoal setting' },
  backward_chaining: { letter: 'C', name: 'backward chaining' },
}
