/**
 * What tells a trace's problem from others, so that traces of one are kept together when some are left out or drawn: the
 * first of its names that says something, such as its prompt, its key in the file, or the hash of its text.
 */
export const problemKey = (...names: readonly (string | null | undefined)[]): string =>
  names.find((name) => name != null && name.trim() !== '') ?? ''
