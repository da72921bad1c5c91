import { loadLatexParser, type ParseLatex } from '#shared/domain/answers/index.ts'

let parser: Promise<ParseLatex> | null = null

/** The one parser of this thread, loaded when first asked for: it remembers what it has read. */
export const latexParser = (): Promise<ParseLatex> => (parser ??= loadLatexParser())
