/** An expression as nested lists, as MathJSON writes it: `["Add", "x", 1]`. */
export type MathJson = number | string | readonly MathJson[] | { readonly [key: string]: unknown }

export const isList = (json: MathJson): json is readonly MathJson[] => Array.isArray(json)

/** Reads LaTeX without evaluating anything; null for what is no expression or beyond the limits. */
export type ParseLatex = (latex: string) => MathJson | null

/**
 * The parser's time grows exponentially with brackets and bars that are opened and not closed (24 `[`:
 * 106 s), and is linear otherwise. JavaScript cannot stop it, so that what is let in must be small:
 * with these limits no text of a fuzz over LaTeX tokens took more than 60 ms.
 */
const LONGEST = 240
const DEEPEST = 12
const MOST_BRACKETS = 4
const MOST_BARS = 4

/** Whether the LaTeX parser may see a text. */
export function isWithinLimits(latex: string): boolean {
  if (latex.length > LONGEST) return false
  if (
    count(latex, /\[/g) > MOST_BRACKETS ||
    count(latex, /\||\\(?:[lr]?vert|[lr]?Vert|mid)(?![A-Za-z])/g) > MOST_BARS
  )
    return false
  let depth = 0
  for (const c of latex) {
    if ('({['.includes(c) && ++depth > DEEPEST) return false
    if (')}]'.includes(c)) depth--
  }
  return true
}

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

/** The parser of compute-engine behind the limits; loaded when first asked for. */
export async function loadLatexParser(): Promise<ParseLatex> {
  const { LatexSyntax } = await import('@cortex-js/compute-engine/latex-syntax')
  const syntax = new LatexSyntax()
  const known = new Map<string, MathJson | null>()
  return (latex) => {
    if (!isWithinLimits(latex)) return null
    const before = known.get(latex)
    if (before !== undefined) return before
    const json = readable(syntax, latex)
    if (known.size > 5000) known.clear()
    known.set(latex, json)
    return json
  }
}

function readable(syntax: { parse(latex: string): unknown }, latex: string): MathJson | null {
  try {
    const json = syntax.parse(latex) as MathJson | null
    return json === null || JSON.stringify(json).includes('"Error"') ? null : json
  } catch {
    return null
  }
}
