/** An expression as nested lists, as MathJSON writes it: `["Add", "x", 1]`. */
export type MathJson = number | string | readonly MathJson[] | { readonly [key: string]: unknown }

export const isList = (json: MathJson): json is readonly MathJson[] => Array.isArray(json)

/** Reads LaTeX without evaluating anything; null for what is no expression or beyond the limits. */
export type ParseLatex = (latex: string) => MathJson | null

/**
 * The parser's time grows exponentially with some things that are opened and not closed (24 `[`: 106 s;
 * 15 `\forall`: more than 60 s). JavaScript cannot stop it, so that what is let in must be small and of
 * known kinds: what answers are written with, and of brackets, bars and prefix operators only a few.
 */
const LONGEST = 240
const DEEPEST = 12
const MOST_BRACKETS = 4
const MOST_BARS = 4
const MOST_PREFIXES = 4

const COMMANDS = new Set(
  (
    'frac sqrt binom cdot times div pi e infty circ overline bar ' +
    'sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp max min sum ' +
    'lfloor rfloor lceil rceil lvert rvert vert mid ' +
    'alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau ' +
    'phi varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega ell imaginaryI'
  ).split(' '),
)
const PREFIXES =
  /\\(?:sin|cos|tan|cot|sec|csc|arcsin|arccos|arctan|sinh|cosh|tanh|log|ln|lg|exp|max|min|sum)(?![A-Za-z])/g

/** Whether the LaTeX parser may see a text. */
export function isWithinLimits(latex: string): boolean {
  if (latex.length > LONGEST || !/^[\w\s+\-*/^!=(){}[\]|.,\\]*$/.test(latex)) return false
  for (const [, name] of latex.matchAll(/\\([A-Za-z]+|[^A-Za-z]|$)/g)) if (!COMMANDS.has(name!)) return false
  if (count(latex, /\[/g) > MOST_BRACKETS || count(latex, PREFIXES) > MOST_PREFIXES) return false
  if (count(latex, /\||\\(?:[lr]?vert|mid|[lr]floor|[lr]ceil)(?![A-Za-z])/g) > MOST_BARS) return false
  let depth = 0
  for (const c of latex) {
    if ('({['.includes(c) && ++depth > DEEPEST) return false
    if (')}]'.includes(c)) depth--
  }
  // Runs of signs are read again and again.
  return !/(?:[-+*/^!=_.,]\s*){5}/.test(latex)
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
