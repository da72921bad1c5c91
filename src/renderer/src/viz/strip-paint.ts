import type { StripLayout } from './strip-layout.ts'

/** Faintest mark that the eye still finds. */
const FAINTEST = 0.4

export interface StripLook {
  /** Height of a row, in the canvas' own pixels, and of the marks in it. */
  readonly row: number
  readonly person: number
  readonly model: number
  readonly colours: readonly string[]
}

/** Draws a strip: people's labels as full bars, predictions as slim ones, each as strong as it is dense. */
export function paintStrip(context: CanvasRenderingContext2D, layout: StripLayout, look: StripLook): void {
  const { columns, rows, model, person } = layout
  context.clearRect(0, 0, context.canvas.width, context.canvas.height)
  for (let row = 0; row < rows; row++) {
    context.fillStyle = look.colours[row]!
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column
      const labelled = person[at]! > 0
      const density = labelled ? person[at]! : model[at]!
      if (density === 0) continue
      const height = labelled ? look.person : look.model
      context.globalAlpha = (labelled ? 1 : 0.8) * (FAINTEST + (1 - FAINTEST) * density)
      context.fillRect(column, row * look.row + (look.row - height) / 2, 1, height)
    }
  }
  context.globalAlpha = 1
}
