import { dotModule } from './dot-module.ts'

/**
 * Rows of a block: large enough that a call costs nothing, small enough that the last one wastes little memory. One
 * block of rows is compared at a time.
 */
const BLOCK_ROWS = 65_536
const LANES = 16
const PAGE_BYTES = 65_536

interface Block {
  memory: WebAssembly.Memory
  dots: (rows: number, count: number, width: number, query: number, out: number) => void
  squares: (rows: number, count: number, width: number, out: number) => void
  rows: number
  /** 1 / length of each row; 0 for a row of zeros. */
  inverse: Float32Array
}

/** Vectors that are compared by their direction, each of `width` 8-bit numbers. */
export interface Shelf {
  readonly width: number
  readonly rows: number
  /** Adds rows, one after another, to the end. */
  add(vectors: Int8Array): void
  /** A row's vector, copied. */
  row(at: number): Int8Array
  /**
   * Cosine of the query with every row, exact for the 8-bit numbers: given to `visit` block by block, `cosines[i]`
   * being that of row `first + i`. The array is used again: do not keep it.
   */
  compare(query: Int8Array, visit: (cosines: Float32Array, first: number) => void): void
}

/** Makes an empty shelf; its memory grows with what is added, `width` bytes a vector and 8 more. */
export function createShelf(width: number): Shelf {
  const stride = Math.ceil(width / LANES) * LANES
  const module = new WebAssembly.Module(dotModule)
  const blocks: Block[] = []
  const rowBytes = BLOCK_ROWS * stride
  /** Behind the rows: dot products of a block, then the query widened to 16 bits. */
  const [outAt, queryAt] = [rowBytes, rowBytes + BLOCK_ROWS * 4]
  const pages = Math.ceil((queryAt + stride * 2) / PAGE_BYTES)
  const cosines = new Float32Array(BLOCK_ROWS)

  const open = (): Block => {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    const { exports } = new WebAssembly.Instance(module, { m: { m: memory } })
    const { dots, squares } = exports as unknown as Pick<Block, 'dots' | 'squares'>
    return { memory, dots, squares, rows: 0, inverse: new Float32Array(BLOCK_ROWS) }
  }

  const fill = (block: Block, vectors: Int8Array) => {
    const count = vectors.length / width
    const rows = new Int8Array(block.memory.buffer, block.rows * stride, count * stride)
    if (stride === width) rows.set(vectors)
    else
      for (let row = 0; row < count; row++)
        rows.set(vectors.subarray(row * width, (row + 1) * width), row * stride)
    block.squares(block.rows * stride, count, stride, outAt)
    const squares = new Int32Array(block.memory.buffer, outAt, count)
    for (let row = 0; row < count; row++)
      block.inverse[block.rows + row] = squares[row] === 0 ? 0 : 1 / Math.sqrt(squares[row]!)
    block.rows += count
  }

  return {
    width,
    get rows() {
      return blocks.length === 0 ? 0 : (blocks.length - 1) * BLOCK_ROWS + blocks.at(-1)!.rows
    },
    add(vectors) {
      for (let at = 0; at < vectors.length;) {
        let block = blocks.at(-1)
        if (block === undefined || block.rows === BLOCK_ROWS) blocks.push((block = open()))
        const room = (BLOCK_ROWS - block.rows) * width
        fill(block, vectors.subarray(at, at + room))
        at += room
      }
    },
    row(at) {
      const block = blocks[Math.floor(at / BLOCK_ROWS)]!
      return new Int8Array(block.memory.buffer, (at % BLOCK_ROWS) * stride, width).slice()
    },
    compare(query, visit) {
      let square = 0
      for (const one of query) square += one * one
      const length = square === 0 ? 0 : 1 / Math.sqrt(square)
      blocks.forEach(({ memory, dots, rows, inverse }, at) => {
        new Int16Array(memory.buffer, queryAt, stride).fill(0).set(query)
        dots(0, rows, stride, queryAt, outAt)
        const found = new Int32Array(memory.buffer, outAt, rows)
        for (let row = 0; row < rows; row++) cosines[row] = found[row]! * inverse[row]! * length
        visit(cosines.subarray(0, rows), at * BLOCK_ROWS)
      })
    },
  }
}
