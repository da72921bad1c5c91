import type { ShapeStyle } from '#shared/domain/graph/view/shape-codec.ts'
import type { TreeColours } from '../../viz/tree-paint.ts'

const SHAPE: Readonly<Record<ShapeStyle, string>> = {
  answer: '--accent',
  dead: '--line-strong',
  open: '--control-line',
  check: '--verification',
}
const TREE: Readonly<Record<keyof TreeColours, string>> = {
  ...SHAPE,
  back: '--backtracking',
  ground: '--bg',
  halo: '--accent-tint',
  hit: '--mark',
}

/** Colours of tokens as the theme has them now: an element can tell them, a canvas takes no custom properties. */
function now<Name extends string>(tokens: Readonly<Record<Name, string>>): Record<Name, string> {
  const probe = document.body.appendChild(document.createElement('span'))
  probe.hidden = true
  const style = getComputedStyle(probe)
  const colours = Object.entries<string>(tokens).map(([name, token]) => {
    probe.style.color = `var(${token})`
    return [name, style.color]
  })
  probe.remove()
  return Object.fromEntries(colours) as Record<Name, string>
}

/** Colours to paint the shapes of traces with, in the theme of this moment. */
export const shapeColours = (): Record<ShapeStyle, string> => now(SHAPE)

/** Colours to paint a tree with, in the theme of this moment. */
export const treeColours = (): TreeColours => now(TREE)
