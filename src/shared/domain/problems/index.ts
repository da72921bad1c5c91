export { problemFlags, type ProblemFilter } from './filters.ts'
export {
  createSurvey,
  SURVEY_DEFAULTS,
  SURVEY_FILTERS,
  type SurveyedProblem,
  type SurveyFilter,
} from './survey.ts'
