/**
 * Adds values to the end of a list, however many there are: `push(...values)` puts each of them on the stack, which
 * some hundred thousand overflow.
 */
export function append<T>(list: T[], values: Iterable<T>): void {
  for (const value of values) list.push(value)
}
