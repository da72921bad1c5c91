import type { StripLayout } from './strip-layout.ts'

/** Faintest mark that the eye still finds, and how strong the model's marks are beside people's. */
const FAINTEST = 0.35
const MODEL = 0.8

export interface StripLook {
  /** Heights in the canvas' own pixels: of a row, of the marks in it, and of the ticks above all. */
  readonly row: number
  readonly person: number
  readonly model: number
  readonly ticks: number
  readonly colours: readonly string[]
  /** Of rejections, of ticks and of the tick one is at. */
  readonly quiet: string
  readonly tick: string
  readonly tickNow: string
  /** Pixels of the canvas in a pixel of the page. */
  readonly ratio: number
}

export interface StripTicks {
  readonly all: readonly number[]
  readonly now: number | null
}

/**
 * Draws a strip: predictions as slim bars and people's labels as full ones, each as strong as it is
 * dense among its row's; rejections as a thin line; and ticks in the band above.
 */
export function paintStrip(
  context: CanvasRenderingContext2D,
  layout: StripLayout,
  { all, now }: StripTicks,
  look: StripLook,
): void {
  const { columns, rows, model, person, denied, peaks } = layout
  context.clearRect(0, 0, context.canvas.width, context.canvas.height)
  for (let row = 0; row < rows; row++) {
    const middle = look.ticks + (row + 0.5) * look.row
    const scale = 1 / Math.max(peaks[row]!, 1e-6)
    const bar = (column: number, share: number, height: number, strength: number) => {
      context.globalAlpha = strength * (FAINTEST + (1 - FAINTEST) * Math.min(1, share * scale))
      context.fillRect(column, middle - height / 2, 1, height)
    }
    context.fillStyle = look.quiet
    for (let column = 0; column < columns; column++)
      if (denied[row * columns + column]! > 0) bar(column, 1, look.ratio, 0.7)
    context.fillStyle = look.colours[row]!
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column
      if (model[at]! > 0) bar(column, model[at]!, look.model, MODEL)
      if (person[at]! > 0) bar(column, person[at]!, look.person, 1)
    }
  }
  context.globalAlpha = 1
  context.fillStyle = look.tick
  for (const column of all) context.fillRect(column, 0, 1.5 * look.ratio, look.ticks - look.ratio)
  if (now === null) return
  context.fillStyle = look.tickNow
  context.fillRect(now - look.ratio / 2, 0, 2.5 * look.ratio, context.canvas.height)
}
