import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contentSecurityPolicy } from '#web/content-security.ts'
import { buildIfNeeded } from '../../scripts/build-if-needed.js'
import { CHROMIUM } from '../ui/browser.ts'
import { sampleLines } from '../unit/engine/support.ts'

/** The desktop in one chain: built main, preload and user interface, a real engine, a real Chromium. */

interface Report {
  policy: string
  strangers: string[]
  errors: string[]
  inlineRan: boolean
  settings: number
  dialogs: { title: string }[]
  labelled: string[]
  afterKill: string[]
  kept: number
  codes: number[]
  windows: number
  focused: number
  windowsAfter: number
}

if (CHROMIUM === null)
  console.warn(
    'The test of the desktop’s window is left out: no Chromium here (CAIRN_CHROMIUM can name one).',
  )

describe.skipIf(CHROMIUM === null)('the desktop’s window', () => {
  let folder: string
  let report: Report

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'cairn-window-')))
    buildIfNeeded()
    const workspace = join(folder, 'workspace')
    const another = join(folder, 'another')
    for (const each of [workspace, another]) mkdirSync(each)
    const rollouts = join(folder, 'rollouts.jsonl')
    writeFileSync(rollouts, sampleLines('dpo').slice(0, 20).join('\n'))
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        join(import.meta.dirname, 'run-window.ts'),
        join(import.meta.dirname, '../../out'),
        workspace,
        rollouts,
        another,
      ],
      { env: { ...process.env, STAND_IN_USER_DATA: join(folder, 'user') } },
    )
    report = JSON.parse(stdout) as Report
  }, 300_000)
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it('shows the built page under its own policy, and asks nothing of anyone else', () => {
    expect(report.policy).toBe(contentSecurityPolicy())
    expect(report.inlineRan).toBe(false)
    expect(report.strangers).toEqual([])
    expect(report.errors).toEqual([])
  })

  it('follows the menu, and imports what the native dialog gave', () => {
    expect(report.settings).toBeGreaterThan(0)
    expect(report.dialogs.map(({ title }) => title)).toEqual(['Import traces', 'Open or create a workspace'])
  })

  it('stores a label set by key, also after its engine was killed', () => {
    expect(report.labelled).toEqual(['verification'])
    expect(report.afterKill).toEqual(['verification', 'backtracking'])
    expect(report.kept).toBe(2)
    expect(report.codes).toEqual([-1, 0, 0])
  })

  it('comes forward when its workspace is opened again', () => {
    expect(report.windows).toBe(1)
    expect(report.focused).toBe(1)
  })

  it('opens another workspace beside it, and comes forward from there', () => {
    expect(report.windowsAfter).toBe(2)
  })
})
