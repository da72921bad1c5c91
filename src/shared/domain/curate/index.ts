export { chatTemplate } from './chat-template.ts'
export { readRecipe, requireRecipe, writeRecipe } from './document.ts'
export { shownAnywhere } from './evidence.ts'
export { needsBehaviours } from './filters.ts'
export { asksForHandbook, handbook } from './handbook.ts'
export { promptKey } from './hash.ts'
export { createJudge, type Judge } from './judge.ts'
export { characters, tokenizerCounter, WORD_COUNTER } from './lengths.ts'
export { readTrainingRow } from './read-row.ts'
export {
  createSafety,
  FINDINGS,
  SAFETY_DEFAULTS,
  type Finding,
  type FindingKind,
  type SafetyOptions,
} from './safety.ts'
export { FORMATS, Recipe, type Format, type RecipeInput } from './recipe.ts'
export { pairRow, rowsOf, type Row } from './rows.ts'
export {
  createScan,
  everyFilter,
  measureOf,
  recipeNeedsRates,
  type Fact,
  type FunnelStep,
  type ScanContext,
} from './scan.ts'
export { select, type Chosen, type GroupReport, type Selection } from './select.ts'
export type { HeldOut, SplitRule } from './split.ts'
export { subjectOf, type SolveRates, type Subject } from './subject.ts'
export { partsOf } from './thought.ts'
export { transform, type RenderChat } from './transforms.ts'
export type { CurateTrace, LabelSource, TokenCounter } from './types.ts'
