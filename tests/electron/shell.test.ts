import { EventEmitter } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startShell } from '#main/shell.ts'
import type * as StandIn from './stand-in.ts'

/** Windows that are closed, opened again and cannot be opened, with engines that end when they are told. */

let folder: string
let study: string
let standIn: typeof StandIn
let engines: EngineStandIn[]

class EngineStandIn extends EventEmitter {
  readonly workspace: string
  constructor(workspace: string) {
    super()
    this.workspace = workspace
  }
  postMessage = () => undefined
  kill = () => this.emit('exit', 0)
  fail = () =>
    this.emit('message', { kind: 'failed', error: { code: 'workspace_locked', message: 'In use.' } })
}

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'cairn-shell-')))
  study = join(folder, 'study')
  mkdirSync(study)
  vi.stubEnv('STAND_IN_USER_DATA', folder)
  vi.resetModules()
  standIn = await import('./stand-in.ts')
  engines = []
  standIn.pages.open = (window) => {
    // Every page connects, and so starts its engine.
    const sender = window.webContents
    queueMicrotask(() => standIn.sendFrom({ sender, senderFrame: sender.mainFrame }, 'cairn:connect'))
    return Promise.resolve()
  }
  const fork = (_entry: string, [workspace]: string[]) => {
    const engine = new EngineStandIn(workspace!)
    engines.push(engine)
    return engine
  }
  await startShell(
    { ...standIn, utilityProcess: { fork } },
    {
      files: { preload: '', rendererDir: '', engine: '' },
      argv: ['--workspace', study],
      directory: folder,
      platform: 'linux',
    },
  )
  await settle()
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const settle = () => new Promise((done) => setTimeout(done, 20))
const windows = () => standIn.record.windows

describe('a workspace whose window was closed', () => {
  it.each([
    ['by its name', () => standIn.secondLaunch({ workspace: study })],
    ['as the latest one', () => standIn.secondLaunch({ workspace: null })],
  ])('opens again %s, once its engine has let go of it', async (_, launch) => {
    windows()[0]!.close()
    launch()
    launch()
    await settle()
    expect(engines).toHaveLength(1)
    engines[0]!.emit('exit', 0)
    await settle()
    expect(engines.map(({ workspace }) => workspace)).toEqual([study, study])
    expect([windows().length, standIn.record.quits]).toEqual([1, 0])
    windows()[0]!.close()
    engines[1]!.emit('exit', 0)
    await settle()
    expect(standIn.record.quits).toBe(1)
  })

  it('lets another one open meanwhile, and stay', async () => {
    windows()[0]!.close()
    const other = join(folder, 'other')
    standIn.secondLaunch({ workspace: other })
    engines[0]!.emit('exit', 0)
    await settle()
    expect(engines.map(({ workspace }) => workspace)).toEqual([study, other])
    expect([windows().length, standIn.record.quits]).toEqual([1, 0])
  })
})

it('brings back a window that is minimised when Cairn is started again', () => {
  const [window] = windows()
  window!.isMinimized = () => true
  const restore = vi.spyOn(window!, 'restore')
  standIn.secondLaunch({ workspace: null })
  expect([restore.mock.calls.length, window!.focused]).toEqual([1, 1])
})

describe('a workspace that cannot be opened', () => {
  it('is tried again when the same folder is chosen', async () => {
    standIn.answers.message.push(0)
    standIn.answers.open.push([study])
    const [failed] = windows()
    engines[0]!.fail()
    await settle()
    expect(engines.map(({ workspace }) => workspace)).toEqual([study, study])
    expect(windows()).toHaveLength(1)
    expect(windows()[0]).not.toBe(failed)
    expect(standIn.record.quits).toBe(0)
    // The window is known: it is brought forward instead of being opened twice.
    standIn.secondLaunch({ workspace: study })
    expect([windows().length, windows()[0]!.focused]).toEqual([1, 1])
  })

  it('ends Cairn when no other is chosen', async () => {
    standIn.answers.message.push(1)
    engines[0]!.fail()
    await settle()
    expect([windows().length, standIn.record.quits]).toEqual([0, 1])
  })
})
