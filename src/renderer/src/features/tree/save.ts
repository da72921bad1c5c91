import { writeGraph, type GraphFormat } from '#shared/domain/graph/formats/index.ts'
import { measure } from '#shared/domain/graph/measures.ts'
import { treeLook } from './tree-look.svelte.ts'
import type { Tree } from './tree.svelte.ts'

export type TreeFormat = GraphFormat | 'png'

export const TREE_FORMATS: readonly {
  readonly format: TreeFormat
  readonly name: string
  readonly what: string
}[] = [
  { format: 'svg', name: 'SVG', what: 'as it is shown, to scale and edit' },
  { format: 'png', name: 'PNG', what: 'as it is shown, a picture' },
  { format: 'json', name: 'JSON', what: 'nodes, edges, offsets, measures, edits' },
  { format: 'graphml', name: 'GraphML', what: 'for networkx, Gephi, yEd' },
  { format: 'dot', name: 'Graphviz DOT', what: 'for dot' },
]

/** Pixels of a picture in a pixel of the drawing, and the most that a browser's canvas holds on a side. */
const RATIO = 2
const LONGEST_SIDE = 16_000

/**
 * The tree, as edited, in a format. Pictures show the level and the folds that are on the screen. Offsets count
 * Unicode code points, as Python does.
 */
export async function saveTree(tree: Tree, format: TreeFormat, name: string): Promise<void> {
  const text = documentOf(tree, format === 'png' ? 'svg' : format, name)
  const type = format === 'svg' || format === 'png' ? 'image/svg+xml' : 'text/plain'
  const blob = new Blob([text], { type })
  download(format === 'png' ? await toPng(blob) : blob, `${name.replace(/[^\w.-]+/g, '_')}.${format}`)
}

function documentOf(tree: Tree, format: GraphFormat, trace: string): string {
  const { bounds, shown, edits, ...inferred } = tree.answer!
  const graph = tree.graph!
  const measures = edits.length === 0 ? inferred.measures : measure(graph, tree.text, bounds, shown)
  const { level, direction } = treeLook
  return writeGraph(
    format,
    { graph, measures, bounds, shown, edits, text: tree.text, trace },
    'code_points',
    { level, direction, folded: tree.folded },
  )
}

/** Draws an SVG picture; a tree that is larger than a canvas may be becomes smaller. */
async function toPng(svg: Blob): Promise<Blob> {
  const address = URL.createObjectURL(svg)
  try {
    const image = new Image()
    image.src = address
    await image.decode()
    const ratio = Math.min(RATIO, LONGEST_SIDE / Math.max(image.width, image.height))
    const canvas = new OffscreenCanvas(Math.ceil(image.width * ratio), Math.ceil(image.height * ratio))
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await canvas.convertToBlob({ type: 'image/png' })
  } finally {
    URL.revokeObjectURL(address)
  }
}

function download(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
