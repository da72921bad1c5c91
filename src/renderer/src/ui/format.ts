import { format } from 'd3'

const whole = format(',')
const oneDigit = format(',.1f')
const twoDigits = format('.2f')
const threeDigits = format('.3f')
const percent = format('.1%')

/** The sign for "not known". Never a zero. */
export const UNKNOWN = '–'

/** 12,345 */
export function count(value: number | null): string {
  return value === null ? UNKNOWN : whole(value)
}

/** One decimal below a hundred, none above: means of counts. */
export function mean(value: number | null): string {
  if (value === null) return UNKNOWN
  return Math.abs(value) < 100 ? oneDigit(value) : whole(Math.round(value))
}

/** 0.52 */
export function score(value: number | null): string {
  return value === null ? UNKNOWN : twoDigits(value)
}

/** 0.518: as fine as a threshold can be set. */
export const threshold = (value: number): string => threeDigits(value)

/** 52.3% */
export function share(value: number | null): string {
  return value === null ? UNKNOWN : percent(value)
}

/** Any number of the user's, as short as it stays itself: rewards, checkpoints. */
export function plain(value: number | null): string {
  if (value === null) return UNKNOWN
  return Number.isInteger(value) ? whole(value) : String(Number(value.toPrecision(6)))
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** Bytes in powers of a thousand, as files are sold. */
export function bytes(value: number): string {
  let size = value
  let unit = 0
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000
    unit++
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : oneDigit(size)} ${UNITS[unit]}`
}

/** "1 trace", "2 traces" */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${whole(value)} ${value === 1 ? one : many}`
}

/** Date and time of an ISO time stamp in the reader's zone, to the minute. */
export function moment(iso: string): string {
  return new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
}

/** "2.3 bits" */
export const bits = (value: number): string => `${value.toFixed(1)} bits`
