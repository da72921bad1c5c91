const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'variant' })

/** Order in which people number files: step_2 before step_10; ties by code units, so it is total. */
export function naturalOrder(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0)
}
