import { createShelf, type Shelf } from '#shared/domain/similar/shelf.ts'
import type { VectorStore } from '../db/vectors.ts'

/** All vectors of a model in memory: `width` bytes a step and 12 more. */
export interface VectorIndex {
  readonly modelId: number
  readonly shelf: Shelf
  /** Of each row its trace, and its place among the trace's steps. */
  readonly traceOf: Uint32Array
  readonly stepOf: Uint32Array
}

interface Growing extends VectorIndex {
  traceOf: Uint32Array
  stepOf: Uint32Array
  /** Rows of the database that were read, and the last one's id. */
  read: number
  last: number
}

/**
 * Keeps the vectors of the model that was asked for last. What has been added since is read when it is next asked for;
 * when something was taken away or changed, all is read again.
 */
export function createVectorIndex(store: VectorStore, segmenter: number) {
  let kept: Growing | null = null

  const readOn = (index: Growing, last: number) => {
    for (const { id, traceId, directions } of store.rows(index.modelId, segmenter, index.last, last)) {
      const { shelf } = index
      const [first, steps] = [shelf.rows, directions.length / shelf.width]
      shelf.add(directions)
      if (shelf.rows > index.traceOf.length) {
        const room = Math.max(65_536, shelf.rows, index.traceOf.length * 2)
        index.traceOf = grown(index.traceOf, room)
        index.stepOf = grown(index.stepOf, room)
      }
      for (let step = 0; step < steps; step++) {
        index.traceOf[first + step] = traceId
        index.stepOf[first + step] = step
      }
      index.read++
      index.last = id
    }
  }

  return {
    /** Null when the model has made no vectors of current steps. */
    of(modelId: number): VectorIndex | null {
      const width = store.width(modelId, segmenter)
      if (width === null) return null
      const { count, last } = store.extent(modelId, segmenter)
      if (kept?.modelId === modelId && kept.shelf.width === width && kept.read <= count) {
        readOn(kept, last)
        if (kept.read === count) return kept
      }
      kept = {
        ...{ modelId, shelf: createShelf(width), traceOf: new Uint32Array(0), stepOf: new Uint32Array(0) },
        ...{ read: 0, last: 0 },
      }
      readOn(kept, last)
      return kept
    },
  }
}

function grown(array: Uint32Array, length: number): Uint32Array {
  const larger = new Uint32Array(length)
  larger.set(array)
  return larger
}
