import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildIfNeeded } from '../../scripts/build-if-needed.js'

/** The desktop host as built, under plain Node against a stand-in for Electron. */

const ROOT = join(import.meta.dirname, '../..')

interface Report {
  record: {
    switches: string[]
    schemes: { scheme: string; privileges: Record<string, boolean> }[]
    lockData: unknown
    children: { args: string[]; code: number }[]
    menu: string[]
    spellChecker: boolean
    quits: number
  }
  windowOptions: { title: string; show: boolean; webPreferences: Record<string, unknown> }
  page: { status: number; headers: Record<string, string> }
  portMessage: unknown
  info: Record<string, unknown>
  checked: { ok: boolean }
  security: {
    permissions: Record<string, boolean>
    permissionCheck: boolean[]
    device: boolean
    cancelled: Record<string, boolean>
    denied: Record<string, boolean>
    windowOpen: unknown
    pages: Record<string, number>
  }
  refusals: string[]
  strangersPorts: number
  dialogs: {
    files: string[]
    cancelled: string[]
    folder: string
    save: string
    dropped: string
    options: object[]
  }
  commands: string[]
  pending: string
  afterCrash: Record<string, unknown>
  windowsAfterSame: number
  focusedBySame: number
  otherInfo: Record<string, unknown>
  recent: string[]
}

let folder: string
let first: string
let second: string
let report: Report

const runDesktop = async (environment: Record<string, string> = {}): Promise<string> => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(import.meta.dirname, 'run-desktop.ts'), join(ROOT, 'out'), first, second],
    { env: { ...process.env, STAND_IN_USER_DATA: join(folder, 'user'), ...environment } },
  )
  return stdout
}

beforeAll(async () => {
  buildIfNeeded()
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'cairn-desktop-')))
  first = join(folder, 'first')
  second = join(folder, 'second')
  mkdirSync(first)
  mkdirSync(second)
  report = JSON.parse(await runDesktop()) as Report
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('the built desktop host', () => {
  it('connects the page to the engine by a port that main hands over', () => {
    expect(report.portMessage).toBe('cairn:engine-port')
    expect(report.info).toMatchObject({ path: first, traces: 0 })
    expect(report.checked.ok).toBe(true)
  })

  it('starts the engine anew after a crash and fails what was under way with `disconnected`', () => {
    expect(report.pending).toBe('disconnected')
    expect(report.afterCrash).toEqual(report.info)
  })

  it('opens a workspace once: a second launch brings its window forward', () => {
    expect(report.record.lockData).toEqual({ workspace: first })
    expect(report.windowsAfterSame).toBe(1)
    expect(report.focusedBySame).toBe(1)
  })

  it('opens another workspace beside it, with an engine of its own', () => {
    expect(report.otherInfo).toMatchObject({ path: second })
    expect(report.record.children.map(({ args }) => args[0])).toEqual([first, first, second])
  })

  it('ends its engines by itself, and then quits', () => {
    const [killed, ...others] = report.record.children.map(({ code }) => code)
    expect(killed).not.toBe(0)
    expect(others).toEqual([0, 0])
    expect(report.record.quits).toBeGreaterThan(0)
  })

  it('keeps recent workspaces and where their windows were', () => {
    expect(report.recent).toEqual([second, first])
    const kept = JSON.parse(readFileSync(join(folder, 'user/userData/shell.json'), 'utf8')) as object
    const window = { x: 40, y: 50, width: 1200, height: 800, maximized: false }
    expect(kept).toMatchObject({ workspaces: expect.arrayContaining([{ folder: first, window }]) as unknown })
  })

  it('answers the bridge: dialogs, dropped files, menu', () => {
    const { dialogs } = report
    expect(dialogs.files).toEqual(['/data/a.jsonl', '/data/b.parquet'])
    expect(dialogs.cancelled).toEqual([])
    expect(dialogs.folder).toBe('/data')
    expect(dialogs.save).toBe('/data/out.jsonl')
    expect(dialogs.dropped).toBe('/dropped/run.jsonl')
    expect(dialogs.options.at(-1)).toMatchObject({
      defaultPath: expect.stringMatching(/documents.prime\.jsonl$/) as string,
    })
    expect(report.commands).toEqual(['import'])
    expect(report.record.menu).toEqual(expect.arrayContaining(['File', 'editMenu', 'View', 'Help']))
  })

  it('hands a second launch over and ends', async () => {
    // The scenario waits in vain for a window, since there is none in the second process.
    await expect(runDesktop({ STAND_IN_SECOND: '1', STAND_IN_PATIENCE_MS: '300' })).rejects.toThrow(
      /first window/,
    )
  })
})

describe('security of the built desktop host', () => {
  it('opens pages in the sandbox, apart from Node', () => {
    const { preload, ...preferences } = report.windowOptions.webPreferences
    expect(preload).toMatch(/out.preload.index\.cjs$/)
    expect(preferences).toEqual({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      navigateOnDragDrop: false,
      webviewTag: false,
      spellcheck: false,
    })
  })

  it('serves the page on its own scheme with a strict policy', () => {
    const [scheme] = report.record.schemes
    expect(scheme).toMatchObject({ scheme: 'app', privileges: { standard: true, secure: true } })
    expect(scheme!.privileges).not.toHaveProperty('bypassCSP')
    expect(report.page.status).toBe(200)
    const policy = report.page.headers['content-security-policy']!
    const directives = Object.fromEntries(
      policy.split('; ').map((part) => part.split(/ (.*)/).slice(0, 2)),
    ) as object
    expect(directives).toEqual({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'style-src-attr': "'unsafe-inline'",
      'img-src': "'self' data: blob:",
      'font-src': "'self'",
      'worker-src': "'self'",
      'connect-src': "'self'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
    })
    expect(report.page.headers['x-content-type-options']).toBe('nosniff')
    expect(report.security.pages).toEqual({ index: 200, missing: 404, outside: 404, otherHost: 403 })
  })

  it('grants nothing but writing to the clipboard', () => {
    expect(report.security.permissions).toEqual({
      media: false,
      geolocation: false,
      notifications: false,
      'clipboard-read': false,
      'clipboard-sanitized-write': true,
      openExternal: false,
    })
    expect(report.security.permissionCheck).toEqual([true, false, false])
    expect(report.security.device).toBe(false)
  })

  it('lets nothing onto the network', () => {
    for (const [url, cancel] of Object.entries(report.security.cancelled))
      expect([url, cancel]).toEqual([url, !/^(app:\/\/cairn\/|blob:app:\/\/cairn\/|data:)/.test(url)])
    expect(report.record.switches).toContain('host-resolver-rules=MAP * ~NOTFOUND')
    expect(report.record.switches).toContain('disable-background-networking')
    expect(report.record.spellChecker).toBe(false)
  })

  it('denies navigation, new windows and embedded pages', () => {
    expect(Object.values(report.security.denied)).toEqual([true, true, true, true])
    expect(report.security.windowOpen).toEqual({ action: 'deny' })
  })

  it('answers no frame and no page but its own', () => {
    expect(report.strangersPorts).toBe(0)
    for (const refusal of report.refusals) expect(refusal).toContain('was refused')
  })

  it('loads the preload as one CommonJS file that needs nothing but Electron', () => {
    const preload = readFileSync(join(ROOT, 'out/preload/index.cjs'), 'utf8')
    expect([...preload.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name)).toEqual(['electron'])
    expect(preload).not.toMatch(/^import /m)
  })
})
