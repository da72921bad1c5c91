import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron as electron, type ElectronApplication, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildIfNeeded } from '../../scripts/build-if-needed.js'
import { electronBinary, whyNoWindow } from '../../scripts/electron-binary.js'

/** The desktop host in the real Electron, wherever its binary is present and a window can open. */

const binary = electronBinary()
const ROOT = join(import.meta.dirname, '../..')

describe.skipIf(binary === null || whyNoWindow() !== null)('the real Electron', () => {
  let folder: string
  let app: ElectronApplication
  let page: Page

  beforeAll(async () => {
    buildIfNeeded()
    folder = mkdtempSync(join(tmpdir(), 'cairn-real-'))
    app = await electron.launch({
      executablePath: binary!,
      args: [ROOT, `--user-data-dir=${join(folder, 'user')}`, `--workspace=${join(folder, 'workspace')}`],
    })
    page = await app.firstWindow()
  })
  afterAll(async () => {
    await app.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('shows the app on its own scheme, apart from Node', async () => {
    expect(page.url()).toBe('app://cairn/')
    const globals = await page.evaluate(() =>
      ['require', 'process', 'module'].filter((name) => name in globalThis),
    )
    expect(globals).toEqual([])
  })

  it('hands the page a port to the engine', async () => {
    const ports = await page.evaluate(
      () =>
        new Promise((done) => {
          addEventListener('message', (event) => {
            if (event.data === 'cairn:engine-port') done(event.ports.length)
          })
          ;(window as unknown as { cairn: { connect(): void } }).cairn.connect()
        }),
    )
    expect(ports).toBe(1)
  })

  it('reaches nothing on the network', async () => {
    const outcome = await page.evaluate(() =>
      fetch('https://example.com/').then(
        () => 'reached',
        () => 'blocked',
      ),
    )
    expect(outcome).toBe('blocked')
  })
})
