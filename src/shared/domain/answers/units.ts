import { parseDecimal, type Rational } from '../countdown/rational.ts'

/** Names of units that mean the same, and their size in the first unit of their kind. */
const UNITS: readonly (readonly [kind: string, size: string, names: string])[] = [
  ['length', '1', 'm meter metre'],
  ['length', '0.001', 'mm millimeter millimetre'],
  ['length', '0.01', 'cm centimeter centimetre'],
  ['length', '1000', 'km kilometer kilometre'],
  ['inch', '1', 'in inch inche'],
  ['inch', '12', 'ft foot feet'],
  ['inch', '36', 'yd yard'],
  ['mass', '1', 'g gram'],
  ['mass', '0.001', 'mg milligram'],
  ['mass', '1000', 'kg kilogram'],
  ['time', '1', 's sec second'],
  ['time', '60', 'min minute'],
  ['time', '3600', 'h hr hour'],
  ['time', '86400', 'day'],
  ['time', '604800', 'week wk'],
  ['year', '1', 'year yr'],
  ['volume', '1', 'l liter litre'],
  ['volume', '0.001', 'ml milliliter millilitre'],
  ['angle', '1', 'degree deg'],
  ['money', '1', 'dollar usd buck'],
  ['money', '0.01', 'cent'],
  ['euro', '1', 'euro eur'],
  ['pound', '1', 'pound gbp'],
]

const KNOWN = new Map(
  UNITS.flatMap(([kind, size, names]) =>
    names.split(' ').map((name) => [name, { kind, size: parseDecimal(size)! }] as const),
  ),
)

/** Units of which no size is needed here, and which look like no word. */
const OTHERS = new Set(
  'am pm cc cu db dm dl cl gb hp hz khz mhz ghz kb kcal kj km kmh kph kw kwh lb lbs mb mi mph oz pt qt rpm sq tb yds hrs yrs wks of'.split(
    ' ',
  ),
)
/** The same, but in small letters they are products. */
const IN_CAPITALS = new Set(['CD', 'PC', 'TV'])
/** Shortened nouns that no list of units has. */
const SHORTENED = new Set('bpm dvds pcs pkg pkgs ppl tbsp tsp'.split(' '))
/** Letters that formulas write out, as source of a pattern. */
export const GREEK = 'pi|alpha|beta|gamma|delta|theta|lambda|sigma|omega'
const IN_FORMULAS = new RegExp(`^(?:${GREEK}|sqrt|(?:arc)?(?:sin|cos|tan)h?|log|exp)$`)

/**
 * Whether a word behind a number can be its unit: one that is known, or an ordinary noun, which has a vowel. `xy` is a
 * product, and so is `theta`.
 */
export function isUnit(word: string): boolean {
  const name = word.toLowerCase()
  if (KNOWN.has(name) || OTHERS.has(name) || IN_CAPITALS.has(word)) return true
  return name.length > 2 && /[aeiou]/.test(name) && !/^abc/.test(name) && !IN_FORMULAS.test(name)
}

/**
 * Whether a word that is no unit above may still be one, as the DVDs, tsp and kgs of `5 DVDs`, and not only a product
 * such as `mgh` or `AB`.
 */
export function mayBeUnit(word: string): boolean {
  const name = word.toLowerCase()
  if (/^[A-Z]{2,}s$/.test(word) || SHORTENED.has(name)) return true
  const one = name.replace(/s$/, '')
  return one.length > 1 && (KNOWN.has(one) || OTHERS.has(one))
}

/**
 * How many of `to` make one of `from`, as a fraction; null where the two are not known to measure the
 * same thing. A unit may end in 2 or 3, for areas and volumes.
 */
export function conversion(from: string, to: string): Rational | null {
  const [a, b] = [singular(from), singular(to)]
  if (a.name === b.name && a.power === b.power) return { numerator: 1n, denominator: 1n }
  const [one, other] = [KNOWN.get(a.name), KNOWN.get(b.name)]
  if (one === undefined || other === undefined || one.kind !== other.kind || a.power !== b.power) return null
  const power = BigInt(a.power)
  return {
    numerator: (one.size.numerator * other.size.denominator) ** power,
    denominator: (one.size.denominator * other.size.numerator) ** power,
  }
}

function singular(unit: string): { name: string; power: number } {
  const squared = /^square (.*)$/.exec(unit)?.[1]
  const cubic = /^cubic (.*)$/.exec(unit)?.[1]
  const power = squared !== undefined ? 2 : cubic !== undefined ? 3 : Number(/[23]$/.exec(unit)?.[0] ?? 1)
  const bare = (squared ?? cubic ?? unit).replace(/[23]$/, '').trim()
  const name = bare.length > 2 ? bare.replace(/s$/, '') : bare
  return { name: KNOWN.has(bare) ? canonical(bare) : canonical(name), power }
}

/** The first of the names of a unit. */
function canonical(name: string): string {
  return UNITS.find(([, , names]) => names.split(' ').includes(name))?.[2].split(' ')[0] ?? name
}
