/** A block of a model card: the few kinds of Markdown that cards are written in. */
export type CardBlock =
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'code'; readonly text: string }
  | {
      readonly kind: 'table'
      readonly head: readonly string[]
      readonly rows: readonly (readonly string[])[]
    }

/** Reads a card: headings, paragraphs, lists, tables and fenced code; marks within a line are taken away. */
export function cardBlocks(markdown: string): CardBlock[] {
  const lines = markdown.split(/\r?\n/)
  const blocks: CardBlock[] = []
  /** Takes lines from a place on while they fit. */
  const run = (from: number, fits: (line: string) => boolean): string[] => {
    let to = from
    while (to < lines.length && fits(lines[to]!)) to++
    return lines.slice(from, to)
  }
  for (let at = 0; at < lines.length;) {
    const line = lines[at]!
    if (line.trim() === '') at++
    else if (line.startsWith('```')) {
      const code = run(at + 1, (one) => !one.startsWith('```'))
      blocks.push({ kind: 'code', text: code.join('\n') })
      at += code.length + 2
    } else if (/^#{1,6} /.test(line)) {
      const level = line.indexOf(' ')
      blocks.push({ kind: 'heading', level, text: plainText(line.slice(level)) })
      at++
    } else if (line.startsWith('|')) {
      const table = run(at, (one) => one.startsWith('|'))
      const [head, , ...rows] = table.map(cells)
      blocks.push({ kind: 'table', head: head!, rows })
      at += table.length
    } else if (ITEM.test(line)) {
      const list = run(at, (one) => ITEM.test(one) || /^\s+\S/.test(one))
      blocks.push({ kind: 'list', items: items(list) })
      at += list.length
    } else {
      const text = run(at, (one) => one.trim() !== '' && !/^(#|\||```)/.test(one) && !ITEM.test(one))
      blocks.push({ kind: 'text', text: plainText(text.join(' ')) })
      at += text.length
    }
  }
  return blocks
}

const ITEM = /^\s*([-*]|\d+\.) /

function items(lines: readonly string[]): string[] {
  const found: string[] = []
  for (const line of lines)
    if (ITEM.test(line)) found.push(line.replace(ITEM, ''))
    else found[found.length - 1] += ` ${line.trim()}`
  return found.map(plainText)
}

const cells = (line: string): string[] =>
  line
    .replace(/^\|/, '')
    .replace(/\|\s*$/, '')
    .split('|')
    .map(plainText)

/** Words without the marks for bold, code and links. */
const plainText = (text: string): string =>
  text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\*\*|`/g, '')
    .trim()
