export { default as SimilarDialog } from './SimilarDialog.svelte'
