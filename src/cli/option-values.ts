import { InvalidArgumentError } from 'commander'

// What options make of their text; commander names the option when one throws.

/** @throws InvalidArgumentError */
export function parseNumber(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value))
    throw new InvalidArgumentError(`"${text}" is not a number.`)
  return value
}

/**
 * Reads whole numbers from 1 to `most`.
 * @throws InvalidArgumentError where it is none
 */
export const wholeUpTo =
  (most: number) =>
  (text: string): number => {
    const value = parseNumber(text)
    if (Number.isInteger(value) && value >= 1 && value <= most) return value
    throw new InvalidArgumentError(`"${text}" is no whole number from 1 to ${most}.`)
  }

/** Of an option that may be repeated: all its values. */
export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value]
