export { DEFAULTS, generateCountdown, STYLES } from './generate.ts'
export type { GenerateOptions, Style } from './generate.ts'
export type { GeneratedRow } from './row.ts'
