export { default as PairView } from './PairView.svelte'
export { default as ShapesView } from './ShapesView.svelte'
export { treeLook } from './tree-look.svelte.ts'
export { default as TreePane } from './TreePane.svelte'
