import { untrack } from 'svelte'

let standing = $state(0)

/** Attached to what stands at the bottom of the window to be used: messages keep above it. */
export function docked(): () => void {
  untrack(() => standing++)
  return () => void standing--
}

/** Whether something stands there. */
export const isDocked = (): boolean => standing > 0
