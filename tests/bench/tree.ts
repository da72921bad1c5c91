/**
 * `npm run bench tree [-- nodes]`: the reasoning tree of a search log with so many nodes (10,000), panned and zoomed
 * by the wheel in Chromium, then the shapes of 10,000 traces scrolled; times between frames in milliseconds, and those
 * of a page that draws nothing.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { unpackGraph } from '#shared/domain/graph/packed.ts'
import { seeded } from '#shared/domain/random.ts'
import { startApp } from '../ui/app.ts'
import { framesDuring, installStopwatch } from './ui/in-page.ts'
import { report, type Measured } from './ui/report.ts'

const TURNS = 90
const TRACES = 10_000
const GOAL = 33

export async function run(): Promise<void> {
  const nodes = Number(process.argv[3] ?? 10_000)
  const app = await startApp(false)
  try {
    const file = join(app.folder, 'log.jsonl')
    writeFileSync(file, JSON.stringify({ prompt: 'Search.', completion: searchLog(nodes) }))
    const { handlers } = app.engine()
    const { id } = await handlers['imports.start']({ paths: [file] })
    await handlers['jobs.wait']({ id })
    const page = await app.open('#/trace/1', { prepare: (page) => installStopwatch(page.context()) })
    await page.getByRole('treeitem').first().waitFor()
    const graph = unpackGraph((await handlers['graphs.get']({ traceId: 1 })).graph)
    console.log(`${graph.nodes.length} nodes`)
    const idle = await framesDuring(page, () => page.waitForTimeout(1000))
    const measured: Measured[] = []
    const item = async (name: string, work: () => Promise<void>) => {
      const times = await framesDuring(page, work)
      measured.push({ item: name, times, goal: GOAL, baseline: { name: 'nothing moves', times: idle } })
    }
    await item('pan at full size', () => wheel(page, () => [0, 120]))
    await item('zoom out and in', () => zoom(page))
    await page.getByRole('button', { name: 'Fit into view' }).click()
    await item('pan, all in sight', () => wheel(page, (turn) => [turn % 2 ? 9 : -9, turn % 2 ? 6 : -6]))
    await item('zoom around all', () => zoom(page))
    await page.getByRole('button', { name: 'Grow to the right' }).click()
    await page.getByRole('button', { name: 'Fit into view' }).click()
    await item('to the right: pan, all in sight', () => wheel(page, (turn) => [turn % 2 ? 9 : -9, 0]))
    await item('to the right: zoom', () => zoom(page))
    const many = join(app.folder, 'many.jsonl')
    const rows = Array.from({ length: TRACES }, (_, at) => searchLog(8 + (at % 40), at))
    const lines = rows.map((completion, at) => JSON.stringify({ prompt: `Search ${at % 500}.`, completion }))
    writeFileSync(many, lines.join('\n'))
    const imported = await handlers['imports.start']({ paths: [many] })
    await handlers['jobs.wait']({ id: imported.id })
    const built = await handlers['graphs.build']({ filter: {}, force: false })
    await handlers['jobs.wait']({ id: built.id })
    await page.evaluate(() => (location.hash = '#/shapes?sort=-nodes'))
    await page.locator('[data-at]').first().waitFor()
    await item(`shapes of ${TRACES} traces, scrolled`, () => scroll(page, 240))
    await item('shapes, scrolled five screens a frame', () => scroll(page, 4000))
    console.log(report(measured))
  } finally {
    await app.close()
  }
}

/** Turns the wheel once a frame; the events are made in the page, since the driver cannot keep up with frames. */
async function wheel(page: Page, by: (turn: number) => [number, number], ctrlKey = false): Promise<void> {
  const turns = Array.from({ length: TURNS }, (_, turn) => by(turn))
  await page.getByRole('tree').evaluate(
    async (tree, { turns, ctrlKey }) => {
      const { left, top, width, height } = tree.getBoundingClientRect()
      const at = { clientX: left + width / 2, clientY: top + height / 2 }
      for (const [deltaX, deltaY] of turns) {
        tree.dispatchEvent(new WheelEvent('wheel', { deltaX, deltaY, ctrlKey, cancelable: true, ...at }))
        await new Promise(requestAnimationFrame)
      }
    },
    { turns, ctrlKey },
  )
}

/** Scrolls the shapes by so many pixels a frame. */
const scroll = (page: Page, by: number) =>
  page.getByRole('list', { name: 'Shapes of traces' }).evaluate(
    async (list, { by, turns }) => {
      for (let turn = 0; turn < turns; turn++) {
        list.scrollTop += turn * by > list.scrollHeight / 2 ? -by : by
        await new Promise(requestAnimationFrame)
      }
    },
    { by, turns: TURNS },
  )

const zoom = (page: Page) => wheel(page, (turn) => [0, turn < TURNS / 2 ? 60 : -60], true)

/** A stream-of-search log that makes so many nodes, by a seeded walk that goes deeper, on, or back. */
function searchLog(nodes: number, seed = 7): string {
  const random = seeded(seed)
  const lines = ['Current State: 10:[5, 3, 2], Operations: []']
  const made: string[] = ['0']
  const children = new Map<string, number>()
  while (made.length < nodes) {
    const back = Math.floor(random() ** 3 * Math.min(made.length, 60))
    const parent = made[made.length - 1 - back]!
    lines.push(`Moving to Node #${parent}`, 'Current State: 10:[5, 3, 2], Operations: []')
    for (let more = 1 + Math.floor(random() * 4); more > 0 && made.length < nodes; more--) {
      const place = children.get(parent) ?? 0
      children.set(parent, place + 1)
      const name = `${parent},${place}`
      lines.push(
        'Exploring Operation: 5-3=2, Resulting Numbers: [2, 2]',
        `Generated Node #${name}: 10:[2, 2] Operation: 5-3=2`,
      )
      made.push(name)
    }
  }
  return lines.join('\n')
}
