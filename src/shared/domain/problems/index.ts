export { problemFlags, type ProblemFilter } from './filters.ts'
