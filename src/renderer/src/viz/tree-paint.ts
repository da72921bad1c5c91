import type { TreeItem } from '#shared/domain/graph/view/outline.ts'
import type { TreeLayout } from '#shared/domain/graph/view/layout.ts'
import type { TreeWindow } from './tree-window.ts'

/** Colours as the theme has them now. */
export interface TreeColours {
  readonly answer: string
  readonly dead: string
  readonly open: string
  readonly check: string
  readonly back: string
  readonly ground: string
  readonly halo: string
  readonly hit: string
}

export interface TreeScene {
  readonly items: readonly TreeItem[]
  readonly layout: TreeLayout
  readonly seen: TreeWindow
  readonly returns: readonly { readonly from: number; readonly to: number }[]
  readonly active: number
  readonly hits: readonly number[]
  /** Screen = drawing × `k` + (`x`, `y`). */
  readonly view: { readonly x: number; readonly y: number; readonly k: number }
  /** Pixels of the canvas in a pixel of the page. */
  readonly ratio: number
}

type Style = 'dead' | 'open' | 'check' | 'answer'
const STYLES: readonly Style[] = ['dead', 'open', 'check', 'answer']

const styleOf = ({ fate, kind }: TreeItem): Style =>
  kind === 'check' ? 'check' : fate === 'answer' || fate === 'open' ? fate : 'dead'

/** Most arcs that tell anything from afar. */
const ARCS = 400

/**
 * Draws a tree from afar: lines and marks in batches of one style each, the answer path over everything else. Where
 * marks are smaller than a pixel they are squares, and bends straight.
 */
export function paintTree(context: CanvasRenderingContext2D, scene: TreeScene, colours: TreeColours): void {
  const { items, layout, seen, view, ratio } = scene
  const { x, y, direction } = layout
  const { width, height } = context.canvas
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.clearRect(0, 0, width, height)
  const k = view.k * ratio
  const [dx, dy] = [view.x * ratio, view.y * ratio]
  const lines: Record<Style, number[]> = { dead: [], open: [], check: [], answer: [] }
  for (const at of seen.lines) lines[styleOf(items[at]!)].push(at)
  const marks: Record<Style, number[]> = { dead: [], open: [], check: [], answer: [] }
  for (const at of seen.items) marks[styleOf(items[at]!)].push(at)

  for (const style of STYLES) {
    context.strokeStyle = colours[style]
    context.lineWidth =
      Math.max(style === 'answer' ? 1.4 : 0.6, (style === 'answer' ? 2.6 : 1.4) * view.k) * ratio
    context.beginPath()
    for (const at of lines[style]) {
      const { parent } = items[at]!
      const [x0, y0, x1, y1] = [x[parent]! * k + dx, y[parent]! * k + dy, x[at]! * k + dx, y[at]! * k + dy]
      context.moveTo(x0, y0)
      if (direction === 'down') {
        context.lineTo(x0, y1)
        if (x1 !== x0) context.lineTo(x1, y1)
      } else if (view.k < 0.3) context.lineTo(x1, y1)
      else context.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1)
    }
    context.stroke()
  }
  if (scene.returns.length <= ARCS) paintReturns(context, scene, colours, k, dx, dy)
  const radius = Math.max(0.8 * ratio, 6 * k)
  for (const style of STYLES) {
    context.fillStyle = colours[style]
    if (radius < 3 * ratio)
      for (const at of marks[style])
        context.fillRect(x[at]! * k + dx - radius, y[at]! * k + dy - radius, 2 * radius, 2 * radius)
    else {
      context.beginPath()
      for (const at of marks[style]) {
        const [px, py] = [x[at]! * k + dx, y[at]! * k + dy]
        context.moveTo(px + radius, py)
        context.arc(px, py, radius, 0, 2 * Math.PI)
      }
      context.fill()
    }
  }
  const spot = (at: number, colour: string, size: number) => {
    if (x[at] === undefined) return
    context.fillStyle = colour
    context.beginPath()
    context.arc(x[at] * k + dx, y[at]! * k + dy, size, 0, 2 * Math.PI)
    context.fill()
  }
  for (const at of scene.hits) spot(at, colours.hit, Math.max(3 * ratio, radius))
  spot(scene.active, colours.halo, Math.max(5 * ratio, radius * 1.4))
  spot(scene.active, colours.answer, Math.max(3 * ratio, radius * 0.8))
}

function paintReturns(
  context: CanvasRenderingContext2D,
  { returns, layout: { x, y, direction } }: TreeScene,
  { back }: TreeColours,
  k: number,
  dx: number,
  dy: number,
): void {
  context.strokeStyle = back
  context.globalAlpha = 0.5
  context.lineWidth = Math.max(0.6, k)
  context.beginPath()
  for (const { from, to } of returns) {
    const [x0, y0, x1, y1] = [x[from]! * k + dx, y[from]! * k + dy, x[to]! * k + dx, y[to]! * k + dy]
    context.moveTo(x0, y0)
    if (direction === 'down') {
      const side = Math.min(x0, x1) - 30 * k
      context.bezierCurveTo(side, y0, side, y1, x1, y1)
    } else context.bezierCurveTo(x0, Math.min(y0, y1) - 18 * k, x1, Math.min(y0, y1) - 18 * k, x1, y1)
  }
  context.stroke()
  context.globalAlpha = 1
}
