import katex from 'katex'
import sheet from 'katex/dist/katex.min.css?raw'
import './math-fonts.css'

export interface MathRenderer {
  /** Whether a formula can be drawn. What cannot stays as it is written. */
  can(tex: string, display: boolean): boolean
  /** Draws a formula into an element's shadow tree, where its text is no part of the document's. */
  draw(host: HTMLElement, tex: string, display: boolean): void
}

/** Drawn formulas kept: about what a few screens of a proof hold. */
const KEPT = 1000

/** Draws formulas with KaTeX, told to trust nothing and to stop early. */
export function createMathRenderer(): MathRenderer {
  const style = new CSSStyleSheet()
  // Fonts are declared once for the document: shadow trees cannot declare any.
  style.replaceSync(sheet.replace(/@font-face\s*\{[^}]*\}/g, '') + LOCAL)
  const drawn = new Map<string, HTMLElement | null>()

  function template(tex: string, display: boolean): HTMLElement | null {
    const key = `${display ? 'd' : 'i'}${tex}`
    const known = drawn.get(key)
    if (known !== undefined) return known
    if (drawn.size >= KEPT) drawn.delete(drawn.keys().next().value!)
    const made = typeset(tex, display)
    drawn.set(key, made)
    return made
  }

  return {
    can: (tex, display) => template(tex, display) !== null,
    draw(host, tex, display) {
      const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
      root.adoptedStyleSheets = [style]
      root.replaceChildren(template(tex, display)?.cloneNode(true) ?? tex)
    },
  }
}

const LOCAL = `
.katex { font-size: 1.06em; line-height: 1.1; text-indent: 0; }
.katex-display { margin: 0; text-align: inherit; }
.katex-display > .katex { text-align: inherit; }
`

function typeset(tex: string, display: boolean): HTMLElement | null {
  const element = document.createElement('span')
  try {
    katex.render(tex, element, {
      displayMode: display,
      output: 'html',
      throwOnError: true,
      strict: 'ignore',
      trust: false,
      maxExpand: 200,
      maxSize: 20,
    })
    return element
  } catch {
    return null
  }
}
