import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { treeCommands } from '#renderer/features/tree/tree-commands.ts'
import { treeKey } from '#renderer/features/tree/tree-keys.ts'
import type { TreeActions } from '#renderer/features/tree/tree-actions.ts'
import { layoutTree } from '#shared/domain/graph/view/layout.ts'
import { treeWindow } from '#renderer/viz/tree-window.ts'
import { onTheWay, startsOf } from '#renderer/viz/tree-motion.ts'
import type { TreeItem } from '#shared/domain/graph/view/outline.ts'

// Runes are the compiler's.
vi.mock('#renderer/features/tree/tree-look.svelte.ts', () => ({ treeLook: {} }))

/** Actions that only tell of themselves, those of editing too. */
function listening() {
  const told: string[] = []
  const tell = (path: string): unknown =>
    new Proxy(() => undefined, {
      get: (_, name) => (name === 'moving' ? null : tell(`${path}.${String(name)}`)),
      apply: (_, __, values) => void told.push(`${path}(${values.join()})`),
    })
  return { told, actions: tell('') as TreeActions }
}

describe('keys of the tree', () => {
  it('do what the shortcuts sheet says of them', () => {
    const { told, actions } = listening()
    const local = treeCommands(actions).filter((command) => command.local !== undefined)
    expect(local.length).toBeGreaterThan(12)
    for (const command of local) {
      for (const key of command.local!.keys) {
        told.length = 0
        command.run()
        expect(treeKey(key, actions), key).toBe(true)
        expect(told).toHaveLength(2)
        expect(told[1]).toBe(told[0])
      }
    }
  })
})

describe('a tree that is arranged anew', () => {
  const items = (...keys: [string, number][]) => keys.map(([key, parent]) => ({ key, parent }) as TreeItem)
  const layout = (...places: [number, number][]) => ({
    direction: 'down' as const,
    x: Float64Array.from(places, ([x]) => x),
    y: Float64Array.from(places, ([, y]) => y),
    ...{ width: 100, height: 100, textWidth: 10 },
  })
  const number = fc.integer({ min: -500, max: 500 })
  const view = fc.record({ x: number, y: number, k: fc.constantFrom(0.25, 0.5, 1, 2) })

  it('starts where its items stood on the screen, new ones where what they hang from stood', () => {
    fc.assert(
      fc.property(view, view, (old, next) => {
        const before = { items: items(['a', -1], ['b', 0]), layout: layout([0, 0], [24, 26]), view: old }
        const after = {
          items: items(['a', -1], ['c', 0], ['b', 0], ['d', 2]),
          layout: layout([0, 0], [24, 26], [24, 52], [48, 78]),
          view: next,
        }
        const { x, y } = startsOf(before, after)
        const screen = (at: number) => [x[at]! * next.k + next.x, y[at]! * next.k + next.y]
        expect(screen(0)).toEqual([old.x, old.y])
        expect(screen(1)).toEqual(screen(0))
        expect(screen(2)).toEqual([24 * old.k + old.x, 26 * old.k + old.y])
        expect(screen(3)).toEqual(screen(2))
      }),
    )
  })

  it('comes to where it belongs, and stays there', () => {
    const to = layout([10, 20])
    const starts = { x: Float64Array.of(0), y: Float64Array.of(0) }
    expect([...onTheWay(to, starts, 0).x]).toEqual([0])
    const half = onTheWay(to, starts, 0.5)
    expect(half.y[0]).toBeGreaterThan(10)
    expect(half.y[0]).toBeLessThan(20)
    expect(onTheWay(to, starts, 1)).toBe(to)
  })
})

describe('what of a tree is in sight', () => {
  it('draws the many lines of one start once, and each that ends nearby', () => {
    const fates = ['abandoned', 'refuted', 'answer'] as const
    const items = Array.from({ length: 10_000 }, (_, at) => {
      const fate = at === 5000 ? 'answer' : fates[at % 2]!
      return { key: `n${at}`, parent: at === 0 ? -1 : 0, kind: 'attempt', fate } as TreeItem
    })
    for (const direction of ['down', 'right'] as const) {
      const layout = layoutTree(items, direction)
      const top = layout.y[0]! - 100
      const { lines } = treeWindow(items, layout, { left: 0, top, right: 600, bottom: top + 500 })
      // One of each fate, above and below, besides those that end within a few views.
      expect(lines.length, direction).toBeLessThan(120)
      expect(lines, direction).toContain(5000)
      for (const at of items.keys())
        if (at > 0 && Math.abs(layout.y[at]! - top - 250) <= 250) expect(lines, direction).toContain(at)
    }
  })
})
