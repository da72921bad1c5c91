import type { TreeActions } from './tree-actions.ts'

/** What one press zooms by. */
export const ZOOM = 1.25

const KEYS: Readonly<Record<string, (actions: TreeActions) => void>> = {
  ArrowDown: ({ walk }) => walk('row'),
  ArrowUp: ({ walk }) => walk('row-before'),
  ArrowLeft: ({ walk }) => walk('parent'),
  ArrowRight: ({ walk }) => walk('child'),
  'shift+ArrowDown': ({ walk }) => walk('sibling'),
  'shift+ArrowUp': ({ walk }) => walk('sibling-before'),
  Home: ({ walk }) => walk('first'),
  End: ({ walk }) => walk('last'),
  ' ': ({ fold }) => fold(),
  Enter: ({ editing, leave }) => (editing.moving === null ? leave() : editing.set()),
  Escape: ({ editing, leave }) => (editing.moving === null ? leave() : editing.leave()),
  Delete: ({ editing }) => editing.clear(),
  d: ({ editing }) => editing.markDead(),
  D: ({ editing }) => editing.markAnswer(),
  e: ({ editing }) => editing.move('attach'),
  t: ({ editing }) => editing.move('return'),
  x: ({ editing }) => editing.merge(),
  X: ({ editing }) => editing.split(),
  '+': ({ zoom }) => zoom(ZOOM),
  '=': ({ zoom }) => zoom(ZOOM),
  '-': ({ zoom }) => zoom(1 / ZOOM),
  '0': ({ fit }) => fit(),
  '/': ({ search }) => search(),
  F3: ({ nextHit }) => nextHit(1),
  'shift+F3': ({ nextHit }) => nextHit(-1),
}

/** Does what a key means while the tree has the focus. False when it means nothing there. */
export function treeKey(key: string, actions: TreeActions): boolean {
  const run = KEYS[key]
  run?.(actions)
  return run !== undefined
}
