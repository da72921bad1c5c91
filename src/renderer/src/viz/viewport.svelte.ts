/** Least and greatest scale, and the margin in pixels that is kept around what is brought into sight. */
const SCALE = { least: 0.01, most: 3 }
const MARGIN = 40

interface Extent {
  readonly width: number
  readonly height: number
}

/** A window onto a drawing: screen = drawing × `k` + (`x`, `y`), all in pixels. */
export class Viewport {
  x = $state(0)
  y = $state(0)
  k = $state(1)
  width = $state(0)
  height = $state(0)
  /** The part of the drawing that is in sight. */
  readonly box = $derived({
    left: -this.x / this.k,
    top: -this.y / this.k,
    right: (this.width - this.x) / this.k,
    bottom: (this.height - this.y) / this.k,
  })

  pan(dx: number, dy: number): void {
    this.x += dx
    this.y += dy
  }

  /** Zooms by a factor; the point of the screen stays where it is, the middle when none is given. */
  zoom(factor: number, at = { x: this.width / 2, y: this.height / 2 }): void {
    const k = Math.max(SCALE.least, Math.min(SCALE.most, this.k * factor))
    this.x = at.x - ((at.x - this.x) / this.k) * k
    this.y = at.y - ((at.y - this.y) / this.k) * k
    this.k = k
  }

  /** The whole drawing, never larger than life. */
  fit({ width, height }: Extent): void {
    if (this.width === 0 || width === 0) return
    this.k = Math.max(SCALE.least, Math.min(1, this.width / width, this.height / height))
    this.x = Math.max(0, (this.width - width * this.k) / 2)
    this.y = Math.max(0, (this.height - height * this.k) / 2)
  }

  /** The beginning of the drawing at its own size. */
  start(): void {
    this.k = 1
    this.x = 0
    this.y = 0
  }

  /** Brings a point of the drawing into sight by the shortest way, with some room right of it. */
  reveal(x: number, y: number, room = 0): void {
    const [sx, sy] = [x * this.k + this.x, y * this.k + this.y]
    const right = Math.min(this.width - MARGIN, Math.max(MARGIN, this.width - room * this.k))
    if (sx < MARGIN) this.x += MARGIN - sx
    else if (sx > right) this.x += Math.max(right, MARGIN) - sx
    if (sy < MARGIN) this.y += MARGIN - sy
    else if (sy > this.height - MARGIN) this.y += this.height - MARGIN - sy
  }
}
