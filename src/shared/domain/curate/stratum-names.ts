/** Of a value, in characters, and of a name, in bytes: a folder's name may have 255. */
const LONGEST = { value: 60, name: 200 }

const utf8 = new TextEncoder()

/** Names of strata. */
export interface StratumNames {
  /** The name of those with these values: what stands in them, in letters, digits, `_`, `.` and `-`. */
  of(values: readonly string[]): string
}

/**
 * Names strata by their values: other values have another name, also where only what a file's name cannot hold, or
 * capitals, tell them apart (`a b` and `a_b`: `a_b` and `a_b-2`). Depends on the order in which values are met.
 */
export function createStratumNames(): StratumNames {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  return {
    of(values) {
      const key = JSON.stringify(values)
      const known = names.get(key)
      if (known !== undefined) return known
      const plain = shortened(values.map(printable).join('-'))
      let name = plain
      for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${plain}-${number}`
      names.set(key, name)
      taken.add(name.toLowerCase())
      return name
    },
  }
}

/** Letters of every script are kept, accents in one form. Nothing, and dots alone, would be no name of a folder. */
function printable(value: string): string {
  const clean = value.normalize('NFC').replace(/[^\p{L}\p{M}\p{N}_.-]+/gu, '_')
  return Array.from(clean).slice(0, LONGEST.value).join('').replace(/^\.*$/, '_')
}

function shortened(name: string): string {
  let kept = ''
  let bytes = 0
  for (const character of name) {
    bytes += utf8.encode(character).length
    if (bytes > LONGEST.name) break
    kept += character
  }
  return kept
}
