export { default as GroupsDialog } from './GroupsDialog.svelte'
export { default as SimilarDialog } from './SimilarDialog.svelte'
