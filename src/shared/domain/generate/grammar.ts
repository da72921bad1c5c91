import type { Random } from './random.ts'

type Part = string | { readonly slot: string } | { readonly choices: readonly (readonly Part[])[] }

const parsed = new Map<string, readonly Part[]>()

/**
 * Writes a sentence from a template: `[a|b|]` is one of its alternatives (nesting is allowed, one may be
 * empty) and `{name}` the slot of that name. Spaces that an empty alternative leaves are closed up.
 *
 * @throws RangeError when a slot has no value or brackets do not match: a fault of the template
 */
export function expand(
  template: string,
  random: Random,
  slots: Readonly<Record<string, string>> = {},
): string {
  let parts = parsed.get(template)
  if (parts === undefined) parsed.set(template, (parts = parse(template)))
  const write = (list: readonly Part[]): string =>
    list
      .map((part) => {
        if (typeof part === 'string') return part
        if ('choices' in part) return write(random.pick(part.choices))
        const value = slots[part.slot]
        if (value === undefined) throw new RangeError(`no value for {${part.slot}} in "${template}"`)
        return value
      })
      .join('')
  return write(parts)
    .replace(/ {2,}/g, ' ')
    .replace(/ ([,.;:?!])/g, '$1')
    .trim()
}

function parse(template: string): Part[] {
  let at = 0
  const sequence = (nested: boolean): Part[][] => {
    const alternatives: Part[][] = [[]]
    while (at < template.length) {
      const rest = template.slice(at)
      const plain = /^[^[\]|{}]+/.exec(rest)?.[0]
      const slot = /^\{(\w+)\}/.exec(rest)
      const current = alternatives.at(-1)!
      if (plain !== undefined) {
        current.push(plain)
        at += plain.length
      } else if (slot !== null) {
        current.push({ slot: slot[1]! })
        at += slot[0].length
      } else if (rest.startsWith('[')) {
        at++
        current.push({ choices: sequence(true) })
      } else if (rest.startsWith('|') && nested) {
        at++
        alternatives.push([])
      } else if (rest.startsWith(']') && nested) {
        at++
        return alternatives
      } else throw new RangeError(`stray "${rest[0]!}" in template "${template}"`)
    }
    if (nested) throw new RangeError(`unclosed [ in template "${template}"`)
    return alternatives
  }
  return sequence(false)[0]!
}

/** The sentence with a capital first letter; words in math or markup stay as they are. */
export function capital(text: string): string {
  return text.replace(/^(["“]?)([a-z])/, (_, quote: string, letter: string) => quote + letter.toUpperCase())
}
