/**
 * A trace seen from afar: for each behaviour and each pixel column, which part of the column's text
 * the model and people say shows it.
 */
export interface StripLayout {
  readonly columns: number
  readonly rows: number
  /** Rows × columns, row-major, 0 to 1. */
  readonly model: Float32Array
  readonly person: Float32Array
  readonly denied: Float32Array
  /** Largest value of each row: long traces show little of anything in a single column. */
  readonly peaks: Float32Array
}

/** What a step shows in one row of the strip. */
export type Voice = 'model' | 'person' | 'denied' | null

/**
 * @param bounds step boundaries `[start0, end0, …]`, in the text's units
 * @param length of the text, in the same units
 * @param voice who says that a step shows a behaviour, or that it does not
 */
export function layoutStrip(
  bounds: Uint32Array,
  length: number,
  rows: number,
  columns: number,
  voice: (step: number, row: number) => Voice,
): StripLayout {
  const shares = {
    model: new Float32Array(rows * columns),
    person: new Float32Array(rows * columns),
    denied: new Float32Array(rows * columns),
  }
  const scale = columns / Math.max(1, length)
  for (let step = 0; step * 2 < bounds.length; step++) {
    for (let row = 0; row < rows; row++) {
      const said = voice(step, row)
      if (said === null) continue
      const from = bounds[step * 2]! * scale
      addRange(shares[said], row * columns, columns, from, bounds[step * 2 + 1]! * scale)
    }
  }
  const peaks = Float32Array.from({ length: rows }, (_, row) => {
    let peak = 0
    for (let at = row * columns; at < (row + 1) * columns; at++)
      peak = Math.max(peak, shares.model[at]!, shares.person[at]!)
    return peak
  })
  return { columns, rows, ...shares, peaks }
}

/**
 * Which columns hold at least one of the spans `[start0, end0, …]`, each once and ascending.
 * @param length of the text, in the spans' units
 */
export function layoutTicks(spans: Uint32Array, length: number, columns: number): number[] {
  const ticks: number[] = []
  const scale = columns / Math.max(1, length)
  for (let at = 0; at < spans.length; at += 2) {
    const column = Math.min(columns - 1, Math.floor(spans[at]! * scale))
    if (column !== ticks.at(-1)) ticks.push(column)
  }
  return ticks
}

function addRange(target: Float32Array, base: number, columns: number, from: number, to: number): void {
  const last = Math.min(columns - 1, Math.ceil(to) - 1)
  for (let column = Math.max(0, Math.floor(from)); column <= last; column++) {
    const part = Math.min(to, column + 1) - Math.max(from, column)
    target[base + column] = Math.min(1, target[base + column]! + Math.max(0, part))
  }
}
