import { SHAPE_STYLES, type Shape, type ShapeStyle } from '#shared/domain/graph/view/shape-codec.ts'

interface Cell {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Distances between lanes and between items are never greater than this, so that small trees look small. */
const LANE = 16
const STEP = 10

/** Draws the shape of a tree into a cell of a canvas: time to the right, branches downwards, the answer path last. */
export function paintShape(
  context: CanvasRenderingContext2D,
  { parent, lane, style }: Shape,
  { x, y, width, height }: Cell,
  colours: Readonly<Record<ShapeStyle, string>>,
  ratio: number,
): void {
  let lanes = 1
  for (const one of lane) lanes = Math.max(lanes, one)
  const dx = Math.min(STEP * ratio, width / Math.max(1, parent.length))
  const dy = Math.min(LANE * ratio, height / (lanes + 1))
  const px = (at: number) => x + (at + 0.5) * dx
  const py = (at: number) => y + (lane[at]! + 0.5) * dy
  const dot = Math.max(0.7 * ratio, Math.min(2.4 * ratio, dy * 0.42, dx * 0.42))
  for (const [index, name] of SHAPE_STYLES.entries()) {
    context.strokeStyle = colours[name]
    context.fillStyle = colours[name]
    context.lineWidth = (name === 'answer' ? 1.8 : 1) * ratio
    context.beginPath()
    for (let at = 1; at < parent.length; at++) {
      if (style[at] !== index) continue
      context.moveTo(px(parent[at]!), py(parent[at]!))
      context.lineTo(px(at), py(parent[at]!))
      if (lane[at] !== lane[parent[at]!]) context.lineTo(px(at), py(at))
    }
    context.stroke()
    for (let at = 0; at < parent.length; at++)
      if (style[at] === index) context.fillRect(px(at) - dot, py(at) - dot, 2 * dot, 2 * dot)
  }
}
