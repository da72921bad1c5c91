export { default as CurateView } from './CurateView.svelte'
