import type { Editing } from './editing.svelte.ts'
import type { Step } from './walk.ts'

/** What one can do in a tree, by mouse, key or palette. */
export interface TreeActions {
  /** Goes to an item, in the text too. */
  pick(place: number): void
  walk(step: Step): void
  nextReturn(direction: 1 | -1): void
  /** Folds or unfolds the branch below the item one is on. */
  fold(folded?: boolean): void
  foldDead(): void
  unfoldAll(): void
  zoom(factor: number): void
  fit(): void
  search(): void
  nextHit(direction: 1 | -1): void
  readonly editing: Editing
  /** Back to the text. */
  leave(): void
}
