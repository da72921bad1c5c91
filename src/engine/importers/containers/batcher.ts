import type { ContainerItem } from '../types.ts'
import { BATCH_BYTES, BATCH_ITEMS } from './options.ts'

/** Gathers items into batches of bounded count and bytes. */
export class Batcher {
  #items: ContainerItem[] = []
  #bytes = 0

  add(item: ContainerItem, bytes: number): void {
    this.#items.push(item)
    this.#bytes += bytes
  }

  get full(): boolean {
    return this.#items.length >= BATCH_ITEMS || this.#bytes >= BATCH_BYTES
  }

  /** The items gathered; the batcher is empty then. */
  take(): ContainerItem[] {
    const items = this.#items
    this.#items = []
    this.#bytes = 0
    return items
  }
}
