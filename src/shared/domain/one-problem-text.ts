/** Why learning from labels changed nothing where they leave nothing to measure by. */
export const ONE_PROBLEM =
  'All labelled traces are of one problem, so nothing can be left out to measure by: label a trace of another.'
