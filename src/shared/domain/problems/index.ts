export { PROBLEM_FILTERS, problemFlags, type ProblemFilter, type ProblemFlag } from './filters.ts'
