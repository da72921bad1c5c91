/**
 * Takes pictures of the app, in the light and the dark theme and in two sizes:
 *
 *   node tools/screenshots.ts [--out DIR] [--large WORKSPACE] [--data TRACES] [--only TEXT]
 *
 * Those of the README go to docs/screenshots. With `--out`, every view in every state goes to that
 * folder as well; with `--large`, a workspace that tools/large-workspace.ts made, also those of large
 * data; with `--data`, a folder of traces, also those of every kind of tree. `--only` takes those whose name holds the text. The user interface must be built.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { createEngine, localClient, type Engine } from '#engine/create-engine.ts'
import { installPaths } from '#engine/install-paths.ts'
import { startWebHost } from '#web/host.ts'
import { CHROMIUM, openBrowser } from '../tests/ui/browser.ts'
import { SCENES, type Scene, type Shot } from './screenshots/scenes.ts'

const README_DIR = join(import.meta.dirname, '../docs/screenshots')
const README = [
  ...['library-light-1280', 'traces-light-1280', 'trace-light-1280', 'trace-dark-1280'],
  ...['tree-light-1280', 'curate-light-1280'],
]
const THEMES = ['light', 'dark'] as const
const SIZES = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
]

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    large: { type: 'string' },
    data: { type: 'string' },
    only: { type: 'string', default: '' },
  },
})
if (CHROMIUM === null) {
  console.error('Pictures need Chromium on the path; CAIRN_CHROMIUM can name one.')
  process.exit(2)
}

const { entries, modelsDir, rendererDir, version } = installPaths()
const folder = mkdtempSync(join(tmpdir(), 'cairn-pictures-'))
const out = values.out ?? join(folder, 'pictures')
for (const dir of [out, README_DIR]) mkdirSync(dir, { recursive: true })
const browser = await openBrowser()
try {
  for (const scene of SCENES) await play(browser, scene)
} finally {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}

async function play(
  browser: Browser,
  { name, large = false, data = false, fill, shots }: Scene,
): Promise<void> {
  const wanted = shots.filter((shot) => variants(shot.name).some(({ file }) => isWanted(file)))
  if (wanted.length === 0 || (large && values.large === undefined) || (data && values.data === undefined))
    return
  const workspace = large ? values.large! : join(folder, name)
  const engine = createEngine({ workspace, create: !large, entries, modelsDir, version })
  try {
    await fill?.(localClient(engine), folder, values.data ?? '')
    for (const shot of wanted)
      for (const variant of variants(shot.name))
        if (isWanted(variant.file)) await take(browser, engine, shot, variant)
  } finally {
    await engine.close()
  }
}

type Variant = ReturnType<typeof variants>[number]

function variants(name: string) {
  return THEMES.flatMap((theme) =>
    SIZES.map((viewport) => ({ theme, viewport, file: `${name}-${theme}-${viewport.width}` })),
  )
}

function isWanted(file: string): boolean {
  return file.includes(values.only) && (values.out !== undefined || README.includes(file))
}

async function take(
  browser: Browser,
  engine: Engine,
  shot: Shot,
  { theme, viewport, file }: Variant,
): Promise<void> {
  const host = await startWebHost({ engine, rendererDir, port: 0 })
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce' })
  try {
    const page = await context.newPage()
    await page.addInitScript((choice) => localStorage.setItem('cairn.theme', choice), theme)
    await page.goto(host.url)
    await page.waitForURL((url) => !url.searchParams.has('token'))
    const hash = typeof shot.hash === 'string' ? shot.hash : await shot.hash(localClient(engine))
    await page.evaluate((to) => {
      location.hash = to
    }, hash)
    await settled(page)
    await shot.act?.(page, host, folder)
    if (shot.act !== undefined) await settled(page)
    await page.screenshot({ path: join(out, `${file}.png`) })
    if (README.includes(file)) copyFileSync(join(out, `${file}.png`), join(README_DIR, `${file}.png`))
    console.log(`${file}.png`)
  } finally {
    await context.close()
    await host.close()
  }
}

/** Waits until nothing is being read, typeset or animated. */
async function settled(page: Page): Promise<void> {
  await page.locator('main > *').first().waitFor()
  await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null)
  await page.waitForTimeout(900)
}
