import type { Command } from '../../app/command.ts'
import type { TreeActions } from './tree-actions.ts'
import { ZOOM } from './tree-keys.ts'
import { treeLook } from './tree-look.svelte.ts'

/** The commands of the tree, for the palette and the shortcuts sheet. `tree-keys` hears the local keys. */
export function treeCommands(actions: TreeActions): readonly Command[] {
  const at = (
    id: string,
    title: string,
    keys: readonly string[],
    run: () => void,
    ...local: readonly string[]
  ): Command => ({
    ...{ id: `tree-${id}`, title, keys, run },
    ...(local.length > 0 && { local: { where: 'In the tree', keys: local } }),
    group: 'Trace',
  })
  const { editing } = actions
  return [
    at('next-return', 'Tree: next return', ['w'], () => actions.nextReturn(1)),
    at('return-before', 'Tree: return before', ['W'], () => actions.nextReturn(-1)),
    at('fold', 'Tree: fold or unfold the branch', [], () => actions.fold(), ' '),
    at('fold-dead', 'Tree: fold the dead branches', [], () => actions.foldDead()),
    at('unfold', 'Tree: unfold everything', [], () => actions.unfoldAll()),
    at('fit', 'Tree: fit into view', [], () => actions.fit(), '0'),
    at('zoom-in', 'Tree: zoom in', [], () => actions.zoom(ZOOM), '+'),
    at('zoom-out', 'Tree: zoom out', [], () => actions.zoom(1 / ZOOM), '-'),
    at('parent', 'Tree: go to where the node hangs from', [], () => actions.walk('parent'), 'ArrowLeft'),
    at('child', 'Tree: go to what follows', [], () => actions.walk('child'), 'ArrowRight'),
    at('sibling', 'Tree: next branch', [], () => actions.walk('sibling'), 'shift+ArrowDown'),
    at('sibling-before', 'Tree: branch before', [], () => actions.walk('sibling-before'), 'shift+ArrowUp'),
    at('search', 'Tree: search', [], () => actions.search(), '/'),
    at('shape', 'Tree: shape only', [], () => treeLook.setLevel('shape')),
    at('episodes', 'Tree: episodes', [], () => treeLook.setLevel('episodes')),
    at('steps', 'Tree: every step', [], () => treeLook.setLevel('steps')),
    at('dead', 'Tree: mark the branch as dead', [], () => editing.markDead(), 'd'),
    at('answer', 'Tree: mark the branch as answer', [], () => editing.markAnswer(), 'D'),
    at('attach', 'Tree: attach the node elsewhere', [], () => editing.move('attach'), 'e'),
    at('return', 'Tree: move the return point', [], () => editing.move('return'), 't'),
    at('merge', 'Tree: merge the node with the one it hangs from', [], () => editing.merge(), 'x'),
    at('split', 'Tree: split the node at the step', [], () => editing.split(), 'X'),
    at('turn', 'Tree: turn downwards or sideways', [], () =>
      treeLook.setDirection(treeLook.direction === 'down' ? 'right' : 'down'),
    ),
  ]
}
