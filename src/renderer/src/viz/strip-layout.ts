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
}

/** What a step shows in one row of the strip. */
export type Voice = 'model' | 'person' | null

/**
 * @param bounds step boundaries `[start0, end0, …]`, in the text's units
 * @param length of the text, in the same units
 * @param voice who says that a step shows a behaviour
 */
export function layoutStrip(
  bounds: Uint32Array,
  length: number,
  rows: number,
  columns: number,
  voice: (step: number, row: number) => Voice,
): StripLayout {
  const model = new Float32Array(rows * columns)
  const person = new Float32Array(rows * columns)
  const scale = columns / Math.max(1, length)
  for (let step = 0; step * 2 < bounds.length; step++) {
    for (let row = 0; row < rows; row++) {
      const said = voice(step, row)
      if (said === null) continue
      const target = said === 'person' ? person : model
      addRange(target, row * columns, columns, bounds[step * 2]! * scale, bounds[step * 2 + 1]! * scale)
    }
  }
  return { columns, rows, model, person }
}

function addRange(target: Float32Array, base: number, columns: number, from: number, to: number): void {
  const last = Math.min(columns - 1, Math.ceil(to) - 1)
  for (let column = Math.max(0, Math.floor(from)); column <= last; column++) {
    const part = Math.min(to, column + 1) - Math.max(from, column)
    target[base + column] = Math.min(1, target[base + column]! + Math.max(0, part))
  }
}
