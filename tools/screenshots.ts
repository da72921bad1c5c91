/**
 * Takes the pictures of the README from a running app:
 *
 *   node tools/screenshots.ts WORKSPACE [OUT_DIR]
 *
 * WORKSPACE is classified, for example the sample workspace that `npm start` makes; the user interface
 * must be built. OUT_DIR is docs/screenshots unless given.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { createEngine, localClient } from '#engine/create-engine.ts'
import { installPaths } from '#engine/install-paths.ts'
import { startWebHost } from '#web/host.ts'
import { CHROMIUM, openBrowser } from '../tests/ui/browser.ts'

const SIZES = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
]

const [workspace, out = join(import.meta.dirname, '../docs/screenshots')] = process.argv.slice(2)
if (workspace === undefined || CHROMIUM === null) {
  console.error(
    'usage: node tools/screenshots.ts WORKSPACE [OUT_DIR]   (needs Chromium; CAIRN_CHROMIUM names one)',
  )
  process.exit(2)
}
mkdirSync(out, { recursive: true })

const { entries, modelsDir, rendererDir, version } = installPaths()
const engine = createEngine({ workspace, create: false, entries, modelsDir, version })
const host = await startWebHost({ engine, rendererDir, port: 0 })
const browser = await openBrowser()
try {
  const longest = await localClient(engine).call('traces.list', {
    filter: { runs: ['DeepSeek-R1'] },
    sort: { by: 'length', descending: true },
    limit: 1,
  })
  const views: Record<string, string> = {
    library: '#/library',
    traces: '#/traces',
    trace: `#/trace/${longest[0]?.id ?? 1}`,
  }
  for (const colorScheme of ['light', 'dark'] as const)
    for (const viewport of SIZES) {
      const page = await (await browser.newContext({ colorScheme, viewport })).newPage()
      await page.goto(host.url)
      await page.waitForURL((url) => !url.searchParams.has('token'))
      for (const [name, hash] of Object.entries(views))
        await picture(page, hash, `${name}-${colorScheme}-${viewport.width}`)
      await page.context().close()
    }
} finally {
  await browser.close()
  await host.close()
  await engine.close()
}

async function picture(page: Page, hash: string, name: string): Promise<void> {
  await page.evaluate((to) => {
    location.hash = to
  }, hash)
  await page.waitForLoadState('networkidle')
  await page.waitForTimeout(800)
  await page.screenshot({ path: join(out, `${name}.png`) })
  console.log(`${name}.png`)
}
