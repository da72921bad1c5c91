export { default as ClassifyDialog } from './ClassifyDialog.svelte'
export { default as ImportDialog } from './ImportDialog.svelte'
export { default as LibraryView } from './LibraryView.svelte'
export { default as RejectsView } from './RejectsView.svelte'
