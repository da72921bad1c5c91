import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { createEngine, type Engine } from '#engine/create-engine.ts'
import { installPaths } from '#engine/install-paths.ts'
import { startWebHost, type WebHost } from '#web/host.ts'
import { openBrowser } from './browser.ts'

const TOKEN = 'a-token-for-tests-only'
const paths = installPaths()

export interface App {
  /** A folder for the test's own files, gone at the end. */
  readonly folder: string
  readonly engine: () => Engine
  /** Opens the app in a window of its own at a place such as `#/library`. */
  open(
    hash: string,
    options?: {
      theme?: 'light' | 'dark'
      size?: [number, number]
      /** Runs before the app is loaded. */
      prepare?: (page: Page) => Promise<void>
    },
  ): Promise<Page>
  /**
   * Ends the engine and its host, as a crash or a sleep of the machine does, and starts them again on
   * the same workspace and port when the work is done, or has failed.
   * @param modelsDir the models that Cairn comes with from then on
   */
  away(work: () => Promise<void>, modelsDir?: string): Promise<void>
  /** Closes the windows that are still open: each of them follows what happens in the others. */
  closePages(): Promise<void>
  close(): Promise<void>
}

/** Builds the user interface and serves it from a real engine, on the samples unless told otherwise. */
export async function startApp(samples = true): Promise<App> {
  const folder = await mkdtemp(join(tmpdir(), 'cairn-ui-'))
  const rendererDir = join(folder, 'renderer')
  await build({
    root: join(import.meta.dirname, '../../src/renderer'),
    base: './',
    configFile: false,
    plugins: [svelte()],
    logLevel: 'warn',
    build: { outDir: rendererDir, emptyOutDir: true, assetsInlineLimit: 0, minify: false },
  })
  let engine: Engine
  let host: WebHost
  let port = 0
  const start = async (modelsDir = paths.modelsDir) => {
    const { entries, version } = paths
    engine = createEngine({ workspace: join(folder, 'workspace'), create: true, entries, modelsDir, version })
    host = await startWebHost({ engine, rendererDir, port, token: TOKEN })
    port = host.port
  }
  const stop = async () => {
    await host.close()
    await engine.close()
  }
  await start()
  if (samples) await fill(engine!)
  const browser: Browser = await openBrowser()

  return {
    folder,
    engine: () => engine,
    async open(hash, { theme = 'light', size: [width, height] = [1280, 800], prepare } = {}) {
      const context = await browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce' })
      const page = await context.newPage()
      page.on('pageerror', (error) => {
        throw error
      })
      await page.addInitScript((choice) => localStorage.setItem('cairn.theme', choice), theme)
      await prepare?.(page)
      await page.goto(host.url)
      await page.waitForURL((url) => !url.searchParams.has('token'))
      await page.evaluate((to) => (location.hash = to), hash)
      await page.locator('main > *').first().waitFor()
      return page
    },
    async away(work, modelsDir) {
      await stop()
      try {
        await work()
      } finally {
        await start(modelsDir)
      }
    },
    async closePages() {
      await Promise.all(browser.contexts().map((context) => context.close()))
    },
    async close() {
      await browser.close()
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function fill({ handlers }: Engine): Promise<void> {
  const samples = ['math500', 'countdown-runs'].map((name) => join(paths.samplesDir, name))
  const imported = await handlers['imports.start']({ paths: samples })
  await handlers['jobs.wait']({ id: imported.id })
  const classified = await handlers['classify.start']({
    filter: {},
    model: 'cairn-fast',
    device: 'cpu',
    force: false,
  })
  const { state, error } = await handlers['jobs.wait']({ id: classified.id })
  if (state !== 'done') throw new Error(`The samples could not be classified: ${error?.message ?? state}`)
}
