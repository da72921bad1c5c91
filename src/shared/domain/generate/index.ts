export { DEFAULTS, generateCountdown, STYLES } from './generate.ts'
export type { GenerateOptions, Style, Thought } from './generate.ts'
export type { GeneratedRow, TreeNode } from './row.ts'
