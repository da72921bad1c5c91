/** Longest piece of text drawn as one row: browsers lay out longer ones too slowly. */
const LONGEST = 4000

/** The rows in which a response is drawn. Ranges are half-open and count UTF-16 units. */
export interface Blocks {
  readonly count: number
  readonly start: Uint32Array
  readonly end: Uint32Array
  /** Index of the step that a row belongs to, -1 where the trace has no steps. */
  readonly step: Int32Array
  /** Row in which each step starts. */
  readonly firstOfStep: Uint32Array
  /** Space above: 0 within a line, 1 after a line break, 2 after an empty line. */
  readonly gap: Uint8Array
  /** Columns of white space at the row's start that the gap before it took. */
  readonly indent: Uint8Array
  /** Line breaks within each row. */
  readonly breaks: Uint32Array
}

/** Rows of a response: one for each step, or for each line before the trace is classified. */
export function makeBlocks(text: string, bounds: Uint32Array | null): Blocks {
  const start: number[] = []
  const end: number[] = []
  const step: number[] = []
  const gap: number[] = []
  const indent: number[] = []
  const breaks: number[] = []
  const firstOfStep = new Uint32Array(bounds === null ? 0 : bounds.length / 2)

  const push = (from: number, to: number, index: number, before: string) => {
    let space = spaceOf(before)
    for (let at = from; at < to;) {
      const cut = cutBefore(text, at, to)
      start.push(at)
      end.push(cut)
      step.push(index)
      gap.push(space.gap)
      indent.push(space.indent)
      breaks.push(countBreaks(text, at, cut))
      space = { gap: 0, indent: 0 }
      at = cut
    }
  }

  if (bounds === null) {
    let before = ''
    for (const { from, to } of lines(text)) {
      if (to > from) push(from, to, -1, before)
      before = to > from ? '\n' : `${before}\n`
    }
  } else {
    let last = 0
    for (let index = 0; index < firstOfStep.length; index++) {
      firstOfStep[index] = start.length
      push(bounds[index * 2]!, bounds[index * 2 + 1]!, index, text.slice(last, bounds[index * 2]))
      last = bounds[index * 2 + 1]!
    }
  }
  return {
    count: start.length,
    start: Uint32Array.from(start),
    end: Uint32Array.from(end),
    step: Int32Array.from(step),
    firstOfStep,
    gap: Uint8Array.from(gap),
    indent: Uint8Array.from(indent),
    breaks: Uint32Array.from(breaks),
  }
}

/** The row that holds an offset, or the one before it when it lies in a gap. */
export function blockAt({ start, count }: Blocks, offset: number): number {
  let low = 0
  let high = count
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (start[middle]! <= offset) low = middle
    else high = middle
  }
  return low
}

function* lines(text: string): Generator<{ from: number; to: number }> {
  for (let from = 0; from <= text.length;) {
    const at = text.indexOf('\n', from)
    const to = at < 0 ? text.length : at
    yield { from, to }
    from = to + 1
  }
}

/** Where a long row is cut: after the last white space that fits, never within a surrogate pair. */
function cutBefore(text: string, from: number, to: number): number {
  if (to - from <= LONGEST) return to
  const most = from + LONGEST
  for (let at = most; at > from + LONGEST / 2; at--) if (/\s/.test(text[at - 1]!)) return at
  return /[\uD800-\uDBFF]/.test(text[most - 1]!) ? most - 1 : most
}

function countBreaks(text: string, from: number, to: number): number {
  let found = 0
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) found++
  return found
}

function spaceOf(before: string): { gap: number; indent: number } {
  const last = before.lastIndexOf('\n')
  if (last < 0) return { gap: 0, indent: 0 }
  const first = before.indexOf('\n')
  const columns = before.slice(last + 1).replaceAll('\t', '    ').length
  return { gap: first === last ? 1 : 2, indent: Math.min(columns, 40) }
}
