import { TREE_LEVELS, type TreeLevel } from '#shared/domain/graph/view/outline.ts'
import type { Direction } from '#shared/domain/graph/view/layout.ts'

const KEY = 'cairn.tree'
const SHARE = { least: 0.25, most: 0.7, first: 0.46 }

/** How the tree stands beside the text; kept on this device. */
class TreeLook {
  open = $state(true)
  level = $state<TreeLevel>('episodes')
  direction = $state<Direction>('down')
  /** Part of the width of text and tree that is the tree's. */
  share = $state(SHARE.first)

  constructor() {
    const { open, level, direction, share } = read()
    this.open = open !== false
    this.level = TREE_LEVELS.find((one) => one === level) ?? 'episodes'
    if (direction === 'right') this.direction = direction
    if (typeof share === 'number') this.share = clamp(share)
  }

  toggle(): void {
    this.open = !this.open
    this.#keep()
  }

  setLevel(level: TreeLevel): void {
    this.level = level
    this.#keep()
  }

  setDirection(direction: Direction): void {
    this.direction = direction
    this.#keep()
  }

  setShare(share: number): void {
    this.share = clamp(share)
    this.#keep()
  }

  #keep(): void {
    const { open, level, direction, share } = this
    localStorage.setItem(KEY, JSON.stringify({ open, level, direction, share }))
  }
}

const clamp = (share: number): number => Math.max(SHARE.least, Math.min(SHARE.most, share))

function read(): { open?: unknown; level?: unknown; direction?: unknown; share?: unknown } {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}')
    return typeof stored === 'object' && stored !== null ? stored : {}
  } catch {
    return {}
  }
}

export const treeLook = new TreeLook()
