export { default as TraceView } from './TraceView.svelte'
