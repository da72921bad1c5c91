import { BEHAVIOURS, BEHAVIOUR_STYLE } from '../../behaviours.ts'
import type { ReasoningGraph } from '../types.ts'
import { branchPath, layoutTree, returnPath, TEXT_AT, type Direction } from '../view/layout.ts'
import { bitsOf, leadOf } from '../view/lead.ts'
import { linksOf } from '../view/links.ts'
import { outline, type TreeItem, type TreeLevel } from '../view/outline.ts'
import { returnsOf } from '../view/returns.ts'
import { nodeText } from '../view/text.ts'
import { escapeXml } from './xml.ts'

export interface SvgOptions {
  readonly direction: Direction
  readonly level: TreeLevel
  /** Keys of items whose branches are not drawn. */
  readonly folded: ReadonlySet<string>
}

export const WHOLE_TREE: SvgOptions = { direction: 'down', level: 'episodes', folded: new Set() }

/** The light theme's, so that a picture looks the same wherever it is put. */
const COLOURS = {
  ground: '#ffffff',
  ink: '#211f1b',
  quiet: '#6b665c',
  answer: '#256468',
  dead: '#c9c2b6',
  open: '#8d877c',
  bad: '#a92a20',
  behaviours: ['#0a5fa5', '#ad4204', '#0a6b50', '#963b6f'],
} as const

/** Mean width of a character of the drawing's face, in pixels; texts are cut by it, since nothing can be measured. */
const CHARACTER = 7

/**
 * A tree as an SVG document of its own. The same graph and options give the same bytes.
 * @param bounds steps `[start, end, …]` that the graph was built on, UTF-16
 * @param shown steps × behaviours, 1 where a step shows the behaviour
 */
export function graphSvg(
  graph: ReasoningGraph,
  bounds: Uint32Array,
  shown: Uint8Array,
  { direction, level, folded }: SvgOptions = WHOLE_TREE,
): string {
  const drawn = outline(graph, bounds, level, folded)
  const { items, itemOfNode } = drawn
  const layout = layoutTree(items, direction)
  const { x, y } = layout
  const width = Math.ceil(layout.width)
  const height = Math.ceil(layout.height)
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="Inter, system-ui, sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="${COLOURS.ground}"/>`,
  ]
  const places = items.map((_, at) => at).filter((at) => items[at]!.parent >= 0)
  for (const onPath of [false, true])
    for (const at of places)
      if ((items[at]!.fate === 'answer') === onPath)
        parts.push(
          `<path d="${branchPath(layout, items[at]!.parent, at)}" fill="none" ${strokeOf(items[at]!)}/>`,
        )
  for (const { from, to, type } of linksOf(graph, drawn))
    if (type === 'continues')
      parts.push(
        `<path d="${returnPath(layout, from, to)}" fill="none" stroke="${items[from]!.fate === 'answer' ? COLOURS.answer : COLOURS.open}" opacity="0.7"/>`,
      )
  for (const { from, to } of returnsOf(graph)) {
    const [a, b] = [itemOfNode[from]!, itemOfNode[to]!]
    if (a !== b)
      parts.push(
        `<path d="${returnPath(layout, a, b)}" fill="none" stroke="${COLOURS.behaviours[1]}" stroke-dasharray="3 3" opacity="0.6"/>`,
      )
  }
  for (const [at, item] of items.entries()) {
    const lead = leadOf(bitsOf(shown, item.first))
    parts.push(
      `<circle cx="${tenths(x[at]!)}" cy="${tenths(y[at]!)}" r="6" fill="${COLOURS.ground}" ${strokeOf(item)}/>`,
    )
    if (lead !== null)
      parts.push(
        `<circle cx="${tenths(x[at]!)}" cy="${tenths(y[at]!)}" r="2.8" fill="${COLOURS.behaviours[lead]}"/>`,
      )
    const shift = TEXT_AT[direction]
    const place = `x="${tenths(x[at]! + shift.x + 4)}" y="${tenths(y[at]! + shift.y + 15)}"`
    parts.push(`<text ${place} ${inkOf(item)}>${textOf(graph, item, lead, layout.textWidth)}</text>`)
  }
  return `${parts.join('\n')}\n</svg>\n`
}

function strokeOf({ fate, kind }: TreeItem): string {
  if (kind === 'check') return `stroke="${COLOURS.behaviours[0]}" stroke-opacity="0.6" stroke-width="1.4"`
  if (fate === 'answer') return `stroke="${COLOURS.answer}" stroke-width="2.4"`
  return `stroke="${fate === 'open' ? COLOURS.open : COLOURS.dead}" stroke-width="1.4"`
}

const inkOf = ({ fate }: TreeItem): string =>
  fate === 'answer' ? `fill="${COLOURS.ink}" font-weight="550"` : `fill="${COLOURS.quiet}"`

function textOf(graph: ReasoningGraph, item: TreeItem, lead: number | null, width: number): string {
  const { title, detail, wrong } = nodeText(graph.nodes[item.node]!)
  const room = Math.floor(width / CHARACTER)
  const letter =
    lead === null
      ? ''
      : `<tspan font-size="10" font-weight="600" fill="${COLOURS.behaviours[lead]}">${BEHAVIOUR_STYLE[BEHAVIOURS[lead]!].letter}</tspan> `
  const details = [detail, item.hidden > 0 ? `+${item.hidden}` : ''].filter((part) => part !== '').join(' · ')
  const rest = room - (wrong?.length ?? 0) - Math.min(details.length, room >> 1)
  const parts = [letter + escapeXml(cut(title, Math.max(8, rest)))]
  if (wrong !== null) parts.push(`<tspan font-size="11" fill="${COLOURS.bad}">${escapeXml(wrong)}</tspan>`)
  if (details !== '')
    parts.push(
      `<tspan font-size="11" font-weight="400" fill="${COLOURS.quiet}">${escapeXml(cut(details, room >> 1))}</tspan>`,
    )
  return parts.join(' ')
}

/** At most so many characters, never half of one. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

const tenths = (value: number): number => Math.round(value * 10) / 10
