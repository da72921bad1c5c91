/** Moves the focus among the buttons of a list, with the arrows or j and k. */
export function moveFocus(list: HTMLElement | undefined, event: KeyboardEvent): void {
  const by = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key]
  const all = [...(list?.querySelectorAll('button') ?? [])]
  if (by === undefined || all.length === 0) return
  event.preventDefault()
  const at = all.indexOf(document.activeElement as HTMLButtonElement)
  all[Math.min(all.length - 1, Math.max(0, at + by))]?.focus()
}
