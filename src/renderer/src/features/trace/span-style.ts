import type { Layer } from './pieces.ts'

const LINE = {
  person: (depth: number) => ({ height: depth > 1 ? 2 : 1.5, width: '100%', image: plain }),
  model: () => ({ height: 2, width: '4px', image: dotted }),
  denied: () => ({ height: 1, width: '100%', image: dashed }),
}

const plain = (colour: string) => `linear-gradient(${colour},${colour})`
const dotted = (colour: string) => `radial-gradient(circle at 1px 1px,${colour} 1px,transparent 1.3px)`
const dashed = () => 'repeating-linear-gradient(90deg,var(--ink-3) 0 6px,transparent 6px 10px)'

/**
 * The declaration that draws layers: a line for each at its lane, and one tint behind the text where
 * people see a behaviour, stronger where labels lie on one another. Backgrounds of an inline box go
 * on behind formulas, which an underline would leave out. Empty when there is nothing to draw.
 */
export function spanStyle(layers: readonly Layer[]): string | undefined {
  if (layers.length === 0) return undefined
  const images = layers.map(({ by, behaviour, lane, depth }) => {
    const { height, width, image } = LINE[by](depth)
    const place = `calc(100% - 1px - ${3 - lane} * var(--lane))`
    const repeat = by === 'model' ? 'repeat-x' : 'no-repeat'
    return `${image(`var(--${behaviour})`)} 0 ${place} / ${width} ${height}px ${repeat}`
  })
  // One tint only: several on one another are mud, so where behaviours overlap it is neutral.
  const said = layers.filter(({ by }) => by === 'person')
  if (said.length > 0) {
    const depth = Math.min(3, Math.max(said.length, ...said.map((layer) => layer.depth)))
    const ground = said.length === 1 ? said[0]!.behaviour : 'ink'
    const part = said.length === 1 ? 6 + 8 * depth : 2 + 4 * depth
    const colour = `color-mix(in srgb, var(--${ground}) ${part}%, transparent)`
    images.push(`${plain(colour)} 0 0 / 100% calc(100% - var(--lanes)) no-repeat`)
  }
  return `background: ${images.join(', ')}`
}
