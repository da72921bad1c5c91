export { filterTexts } from './filter-summary.ts'
export { rememberPlace } from './last-place.ts'
export { formatSelection, parseSelection, type Selection } from './selection-url.ts'
export { default as TracesView } from './TracesView.svelte'
