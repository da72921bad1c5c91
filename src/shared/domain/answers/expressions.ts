import { complex, multiply, size, subtract, type Complex } from './complex.ts'
import { evaluateAt, freeSymbols, type Point } from './evaluate.ts'
import { exactValue } from './exact.ts'
import { isList, type MathJson } from './latex.ts'

/** Relative difference up to which two doubles count as the same value. */
const RELATIVE = 1e-10
/** What cancellation leaves of zero. */
const ABSOLUTE = 1e-13

/**
 * Values the free symbols take: fixed, so that a verdict is always the same, spread over both signs, and
 * without relations that an identity could hit by accident.
 */
const SAMPLES = [
  0.7390851332, 1.9318516526, -0.5671432904, 2.6854520011, -1.4560749486, 3.3598856662, 0.2614972128,
  -2.2955871494,
]
/** Rounds that follow in which every symbol is positive, for roots and logarithms. */
const POSITIVE_ROUNDS = 4
/** Points at which both sides must have a value for an equality to be believed. */
const ENOUGH_POINTS = 4

/** Whether two numbers are one in double precision. */
export function isClose(a: Complex, b: Complex): boolean {
  return size(subtract(a, b)) <= RELATIVE * Math.max(size(a), size(b)) + ABSOLUTE
}

/**
 * Whether two expressions have the same value: exactly, where both are rational arithmetic; else in
 * double precision, at twelve fixed points where there are free symbols; see `values` for those that tell nothing.
 * Symmetric. Null when neither can be decided: a symbol that is no number, a function that is not
 * known, too few points with values.
 */
export function sameValue(a: MathJson, b: MathJson): boolean | null {
  const [exactA, exactB] = [exactValue(a), exactValue(b)]
  if (exactA !== null && exactB !== null) {
    return exactA.numerator === exactB.numerator && exactA.denominator === exactB.denominator
  }
  const names = namesOf(a, b)
  if (names === null) return null
  let met = 0
  for (const [x, y] of values(a, b, names)) {
    if (!isClose(x, y)) return false
    met++
  }
  return met >= (names.length === 0 ? 1 : ENOUGH_POINTS) ? true : null
}

/**
 * Whether two equations say the same: their differences of sides stand in one constant ratio, as
 * `x + y = 1` and `2 = 2x + 2y` do. Null as for `sameValue`.
 */
export function sameEquation(
  a: readonly [MathJson, MathJson],
  b: readonly [MathJson, MathJson],
): boolean | null {
  const left: MathJson = ['Subtract', a[0], a[1]]
  const right: MathJson = ['Subtract', b[0], b[1]]
  const names = namesOf(left, right)
  if (names === null || names.length === 0) return null
  let met = 0
  let first: { x: Complex; y: Complex } | null = null
  for (const [x, y] of values(left, right, names)) {
    if (size(x) < 1e-9 !== size(y) < 1e-9) return false
    if (size(x) < 1e-9) continue
    first ??= { x, y }
    // x / y = x0 / y0 without dividing
    if (!isClose(multiply(x, first.y), multiply(first.x, y))) return false
    met++
  }
  return met >= ENOUGH_POINTS ? true : null
}

function namesOf(a: MathJson, b: MathJson): string[] | null {
  const [one, other] = [freeSymbols(a), freeSymbols(b)]
  if (one === null || other === null) return null
  const names = [...new Set([...one, ...other])].sort()
  return names.length > 6 ? null : names
}

/**
 * The values of two expressions at the points at which both have one. Of real symbols, unless i is named, two values that
 * are not real tell nothing where they differ. Nor does a real one against another beside an odd root: the cube root of a
 * negative number is real, its power 1/3 is not. Else the two differ in where they are real, as ln x and ln |x| do.
 */
function* values(a: MathJson, b: MathJson, names: readonly string[]): Generator<[Complex, Complex]> {
  const areReal = names.length > 0 && !namesI(a) && !namesI(b)
  const mayDiffer = areReal && (hasOddRoot(a) || hasOddRoot(b))
  for (const point of points(names)) {
    const [x, y] = [evaluateAt(a, point), evaluateAt(b, point)]
    if (x === null || y === null) continue
    const isTelling = isReal(x) === isReal(y) ? !areReal || isReal(x) || isClose(x, y) : !mayDiffer
    if (isTelling) yield [x, y]
  }
}

/** Whether there is an odd root of something with free symbols, or a power that is read as one: `x^{2/3}`. */
function hasOddRoot(json: MathJson): boolean {
  if (!isList(json)) return false
  const [head, base, degree] = json
  if ((head === 'Root' || head === 'Power') && base !== undefined && degree !== undefined) {
    const exact = exactValue(degree)
    const odd = exact === null ? 0n : head === 'Root' ? exact.numerator : exact.denominator
    if (odd % 2n !== 0n && odd !== 1n && freeSymbols(base)?.length !== 0) return true
  }
  return json.some(hasOddRoot)
}

const isReal = (a: Complex): boolean => Math.abs(a.im) <= 1e-9 * Math.max(1, size(a))

const namesI = (json: MathJson): boolean =>
  isList(json) ? json.some(namesI) : json === 'i' || json === 'ImaginaryUnit'

function* points(names: readonly string[]): Generator<Point> {
  const rounds = names.length === 0 ? 1 : SAMPLES.length + POSITIVE_ROUNDS
  for (let round = 0; round < rounds; round++) {
    yield new Map(
      names.map((name, index) => {
        const sample = SAMPLES[(round + index * 3) % SAMPLES.length]!
        // Stretched, so that no point comes twice.
        const value = round < SAMPLES.length ? sample : Math.abs(sample) * 1.3063778838
        return [name, complex(value + index * 0.1730820764)]
      }),
    )
  }
}
