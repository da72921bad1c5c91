import { tokenize, createTokens } from '../features/tokens.ts'
import type { Loop } from './types.ts'

/** A block this long counts as a loop when it stands there twice; a shorter one must stand there three times. */
const LONG = 8
/** Recurrences of a step that are tried as a period. */
const TRIED = 8

/** A hash of each step's words, numbers and symbols: steps that differ in layout or case only are the same. */
export function hashSteps(text: string, bounds: Uint32Array): Int32Array {
  const tokens = createTokens()
  return Int32Array.from({ length: bounds.length >>> 1 }, (_, step) => {
    tokenize(text, bounds[step * 2]!, bounds[step * 2 + 1]!, tokens)
    let hash = 17
    for (let at = 0; at < tokens.count; at++) hash = (Math.imul(hash, 31) + tokens.hash[at]!) | 0
    return hash
  })
}

/**
 * Blocks of steps that follow themselves, word for word: at least three rounds, or two of eight steps or more.
 * The first to begin wins, then the shortest period. A last round that breaks off belongs to the loop.
 */
export function findLoops(hashes: Int32Array): Loop[] {
  const steps = hashes.length
  const next = new Int32Array(steps).fill(-1)
  const seen = new Map<number, number>()
  for (let step = steps - 1; step >= 0; step--) {
    next[step] = seen.get(hashes[step]!) ?? -1
    seen.set(hashes[step]!, step)
  }
  const loops: Loop[] = []
  for (let first = 0; first < steps;) {
    const loop = loopAt(hashes, next, first)
    if (loop === null) first++
    else {
      loops.push(loop.loop)
      first = loop.end
    }
  }
  return loops
}

function loopAt(hashes: Int32Array, next: Int32Array, first: number): { loop: Loop; end: number } | null {
  let tried = 0
  for (let other = next[first]!; other >= 0 && tried < TRIED; other = next[other]!, tried++) {
    const period = other - first
    let end = other
    while (end < hashes.length && hashes[end] === hashes[end - period]) end++
    const rounds = Math.floor((end - first) / period)
    if (rounds >= 3 || (rounds === 2 && period >= LONG)) return { loop: { first, period, rounds }, end }
  }
  return null
}

/** For every step whether it belongs to a round after the first; such steps are folded. */
export function foldedSteps(hashes: Int32Array, loops: readonly Loop[]): Uint8Array {
  const folded = new Uint8Array(hashes.length)
  for (const loop of loops) folded.fill(1, loop.first + loop.period, loopEnd(hashes, loop))
  return folded
}

/** The step after a loop's last. */
export function loopEnd(hashes: Int32Array, { first, period }: Loop): number {
  let end = first + period
  while (end < hashes.length && hashes[end] === hashes[end - period]) end++
  return end
}
