/**
 * `npm run bench ui [-- options]`: the built app in Chromium, its engine in a process of its own, on a
 * large workspace that is made once and kept. Times are those a person waits: from the key, click or
 * address to the frame in which the answer is painted.
 */
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { createEngine, localClient } from '#engine/create-engine.ts'
import { installPaths } from '#engine/install-paths.ts'
import { makeLargeWorkspace, specialIds } from '../../tools/large-workspace.ts'
import { openBrowser } from '../ui/browser.ts'
import { durationOf, serveCommand, startHost } from './ui/host.ts'
import { goPainted, installStopwatch } from './ui/in-page.ts'
import { report, type Measured } from './ui/report.ts'
import { filter, jump, scrollTable, search, sort } from './ui/table-items.ts'
import { labelSteps, openTrace, scrollTrace, type Trace } from './ui/trace-items.ts'

const USAGE = `npm run bench ui [-- options]
  --traces <n>       traces of the workspace (1000000)
  --workspace <dir>  where it is, or is made when it is missing (in the system's temporary folder)
  --times <n>        repetitions of each item (24)
  --only <items>     some of: open, label, scroll, jump, filter, sort, search, start; with commas`

const START_GOAL = 2000

interface Bench {
  page: Page
  rows: number
  times: number
  traces: { megabyte: Trace; tenMegabytes: Trace; labelled: Trace; overlapping: Trace }
}

const ITEMS: Record<string, (bench: Bench) => Promise<Measured[]>> = {
  open: async ({ page, traces, times }) => [
    await openTrace(page, traces.megabyte, 300, times),
    await openTrace(page, traces.tenMegabytes, null, Math.ceil(times / 4)),
  ],
  label: async ({ page, traces, times }) => [await labelSteps(page, traces.labelled.id, times)],
  scroll: async ({ page, traces }) => [
    await scrollTrace(page, traces.megabyte),
    await scrollTrace(page, traces.labelled),
    await scrollTrace(page, traces.overlapping),
    await scrollTable(page),
  ],
  jump: async ({ page, rows, times }) => [await jump(page, rows, times)],
  filter: async ({ page, times }) => [await filter(page, times)],
  sort: async ({ page, times }) => [await sort(page, times)],
  search: ({ page, times }) => search(page, times),
}

export async function run(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      traces: { type: 'string', default: '1000000' },
      workspace: { type: 'string' },
      times: { type: 'string', default: '24' },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const wanted = values.only?.split(',') ?? [...Object.keys(ITEMS), 'start']
  if (values.help || wanted.some((name) => name !== 'start' && !(name in ITEMS))) {
    console.log(USAGE)
    return
  }
  const workspace = values.workspace ?? join(tmpdir(), `cairn-large-${values.traces}`)
  const times = Number(values.times)
  if (!existsSync(workspace)) {
    console.log(`making ${workspace}`)
    await makeLargeWorkspace(
      { workspace, traces: Number(values.traces), seed: 1, classify: true },
      console.log,
    )
  }
  // Builds what is not built.
  await durationOf(['npm', 'run', 'cairn', '--', '--version'])
  const { rows, traces } = await describe(workspace)
  console.log(`${rows} traces in ${workspace}; times in milliseconds`)
  const browser = await openBrowser()
  const measured: Measured[] = []
  const keep = (more: readonly Measured[]) => {
    measured.push(...more)
    console.log(more.map(({ item }) => `measured ${item}`).join('\n'))
  }
  try {
    if (wanted.some((name) => name in ITEMS)) {
      const host = await startHost(serveCommand(workspace))
      try {
        const page = await openApp(browser, host.url)
        for (const name of wanted) keep((await ITEMS[name]?.({ page, rows, times, traces })) ?? [])
      } finally {
        await host.close()
      }
    }
    if (wanted.includes('start')) keep([await start(browser, workspace, times)])
  } finally {
    await browser.close()
  }
  console.log(`\n${report(measured)}`)
}

async function describe(workspace: string): Promise<Pick<Bench, 'rows' | 'traces'>> {
  const { entries, modelsDir, version } = installPaths()
  const engine = createEngine({ workspace, create: false, entries, modelsDir, version })
  try {
    const client = localClient(engine)
    const ids = await specialIds(client)
    const trace = async (id: number, name: string): Promise<Trace> => {
      const { response } = await client.call('traces.get', { id })
      return { id, name, response }
    }
    return {
      rows: await client.call('traces.count', {}),
      traces: {
        megabyte: await trace(ids.megabyte, 'a trace of 1 MB'),
        tenMegabytes: await trace(ids.tenMegabytes, 'a trace of 10 MB'),
        labelled: await trace(ids.labelled, 'a trace with 5,000 labels'),
        overlapping: await trace(ids.overlapping, 'labels over each other'),
      },
    }
  } finally {
    await engine.close()
  }
}

async function openApp(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  await installStopwatch(context)
  const page = await context.newPage()
  await page.goto(url)
  await page.waitForURL((address) => !address.searchParams.has('token'))
  await goPainted(page, '#/traces', { rows: true })
  return page
}

/** From `npm start` to the painted rows of the table, in a browser that is open already. */
async function start(browser: Browser, workspace: string, times: number): Promise<Measured> {
  const command = ['npm', 'start', '--', '--web', '--no-open', '--workspace', workspace]
  const started: number[] = []
  const npm: number[] = []
  for (let time = 0; time < times; time++) {
    npm.push(await durationOf(['npm', 'start', '--', '--help']))
    const from = performance.now()
    const host = await startHost(command)
    const page = await openApp(browser, host.url)
    started.push(performance.now() - from)
    await page.context().close()
    await host.close()
  }
  return {
    item: 'npm start to painted rows',
    times: started,
    goal: START_GOAL,
    baseline: { name: 'npm start -- --help', times: npm },
  }
}
