import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEngineProcess } from '#main/engine-process.ts'
import type { Contents, Electron, MenuItem } from '#main/electron.ts'
import { workspaceArgument } from '#main/launch.ts'
import { menuTemplate } from '#main/menu.ts'
import { describeWorkspace } from '#main/recent.ts'
import { createShellState, isReachable } from '#main/shell-state.ts'
import packaging from '../../build/electron-builder.js'

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'cairn-shell-')))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

describe('fuses and packaging', () => {
  it('sets every fuse knowingly', () => {
    expect(packaging.electronFuses).toEqual({
      runAsNode: true,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      loadBrowserProcessSpecificV8Snapshot: false,
      grantFileProtocolExtraPrivileges: false,
    })
  })

  it('keeps outside the archive what native code opens, and leaves out what is bundled', () => {
    expect(packaging.asar).toBe(true)
    expect(packaging.asarUnpack).toEqual(expect.arrayContaining(['resources/models/**', '**/*.node']))
    const { dependencies } = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'),
    ) as { dependencies: Record<string, string> }
    const left = packaging.files.find((pattern) => pattern.startsWith('!**/node_modules/{'))!
    const bundled = /\{(.*)\}/.exec(left)![1]!.split(',')
    expect([...bundled, 'better-sqlite3', 'onnxruntime-node'].sort()).toEqual(
      Object.keys(dependencies).sort(),
    )
  })
})

describe('the command line', () => {
  it.each([
    [['cairn', '--workspace=study'], 'study'],
    [['cairn', '.', '--workspace', 'study'], 'study'],
    [['cairn', '-w', 'study', '--other'], 'study'],
    [['cairn', '--original-process-start-time=1', '--workspace=study'], 'study'],
  ])('finds the workspace in %j', (argv, name) => {
    expect(workspaceArgument(argv, folder)).toBe(join(folder, name))
  })

  it.each([[['cairn']], [['cairn', '--workspace']], [['cairn', '--workspace=']]])(
    'finds none in %j',
    (argv) => {
      expect(workspaceArgument(argv, folder)).toBeNull()
    },
  )

  it('takes a link for the folder it leads to, so that a workspace has one window', () => {
    mkdirSync(join(folder, 'study'))
    symlinkSync(join(folder, 'study'), join(folder, 'link'))
    expect(workspaceArgument(['-w', 'link'], folder)).toBe(join(folder, 'study'))
  })

  it('does so before the workspace is made', () => {
    mkdirSync(join(folder, 'data'))
    symlinkSync(join(folder, 'data'), join(folder, 'link'))
    expect(workspaceArgument(['-w', 'link/new/study'], folder)).toBe(join(folder, 'data/new/study'))
  })
})

describe('shell state', () => {
  const window = { x: 1, y: 2, width: 800, height: 600, maximized: true }

  it('is kept across launches, the latest workspace first', () => {
    const file = join(folder, 'deep/shell.json')
    const before = createShellState(file)
    before.remember('/a', window)
    before.remember('/b')
    before.remember('/a')
    const after = createShellState(file)
    expect(after.recent()).toEqual(['/a', '/b'])
    expect(after.window('/a')).toEqual(window)
    expect(after.window('/b')).toBeNull()
    expect(existsSync(`${file}.new`)).toBe(false)
  })

  it.each(['', 'no json', '[]', '{"workspaces":7}', '{"workspaces":[{"folder":7}]}'])(
    'starts empty from a damaged file: %s',
    (text) => {
      const file = join(folder, 'shell.json')
      writeFileSync(file, text)
      expect(createShellState(file).recent()).toEqual([])
    },
  )

  it('keeps a workspace whose window state is damaged', () => {
    const file = join(folder, 'shell.json')
    writeFileSync(file, '{"workspaces":[{"folder":"/a","window":{"x":"left"}}]}')
    const state = createShellState(file)
    expect(state.recent()).toEqual(['/a'])
    expect(state.window('/a')).toBeNull()
  })

  it('forgets a workspace, also across launches', () => {
    const file = join(folder, 'shell.json')
    const state = createShellState(file)
    for (const name of ['/a', '/b', '/c']) state.remember(name)
    state.forget('/b')
    expect(state.recent()).toEqual(['/c', '/a'])
    expect(createShellState(file).recent()).toEqual(['/c', '/a'])
  })

  it('tells of a workspace without opening it', () => {
    expect(describeWorkspace(folder, false)).toEqual({
      folder,
      exists: false,
      open: false,
      bytes: 0,
      changedAt: null,
    })
    writeFileSync(join(folder, 'cairn.db'), 'x'.repeat(100))
    writeFileSync(join(folder, 'cairn.db-wal'), 'x'.repeat(20))
    const told = describeWorkspace(folder, true)
    expect(told).toMatchObject({ exists: true, open: true, bytes: 120 })
    expect(Math.abs(Date.parse(told.changedAt!) - Date.now())).toBeLessThan(10_000)
  })

  it('tells of one that cannot be looked at as of one that is not there', () => {
    // A link that leads to itself; a share that is gone fails alike.
    symlinkSync(join(folder, 'cairn.db'), join(folder, 'cairn.db'))
    expect(describeWorkspace(folder, false)).toMatchObject({ exists: false, bytes: 0, changedAt: null })
  })

  it('remembers 20 workspaces', () => {
    const state = createShellState(join(folder, 'shell.json'))
    for (let n = 0; n < 30; n++) state.remember(`/${n}`)
    expect(state.recent()).toHaveLength(20)
    expect(state.recent()[0]).toBe('/29')
  })

  const displays = [
    { x: 0, y: 0, width: 1920, height: 1080 },
    { x: 1920, y: 0, width: 1280, height: 800 },
  ]
  it.each([
    [{ x: 100, y: 100, width: 800, height: 600 }, true],
    [{ x: 3000, y: 100, width: 800, height: 600 }, true],
    [{ x: 3150, y: 100, width: 800, height: 600 }, false],
    [{ x: -700, y: 100, width: 800, height: 600 }, false],
    [{ x: 100, y: -600, width: 800, height: 600 }, false],
    [{ x: 100, y: 1075, width: 800, height: 600 }, false],
  ])('tells whether a window at %j can be reached', (bounds, reachable) => {
    expect(isReachable(bounds, displays)).toBe(reachable)
  })
})

describe('the menu', () => {
  const template = (options: Partial<Parameters<typeof menuTemplate>[0]> = {}) =>
    menuTemplate({
      mac: false,
      development: false,
      recent: [],
      openWorkspace: () => undefined,
      command: () => undefined,
      ...options,
    })
  const all = (items: readonly MenuItem[]): MenuItem[] =>
    items.flatMap((item) => [item, ...all(item.submenu ?? [])])

  it('shows the developer tools in development only', () => {
    const roles = (development: boolean) => all(template({ development })).map(({ role }) => role)
    expect(roles(false)).not.toContain('toggleDevTools')
    expect(roles(false)).not.toContain('reload')
    expect(roles(true)).toContain('toggleDevTools')
  })

  it('opens recent workspaces', () => {
    const opened: (string | undefined)[] = []
    const items = all(template({ recent: ['/data/study'], openWorkspace: (path) => opened.push(path) }))
    items.find(({ label }) => label?.startsWith('study'))!.click!()
    items.find(({ label }) => label === 'Open Workspace…')!.click!()
    expect(opened).toEqual(['/data/study', undefined])
  })

  it('has an application menu on macOS only', () => {
    expect(template({ mac: true })[0]).toEqual({ role: 'appMenu' })
    expect(template()[0]!.label).toBe('File')
  })
})

describe('the engine process', () => {
  class Child extends EventEmitter {
    killed = false
    readonly sent: unknown[] = []
    postMessage = (message: unknown) => void this.sent.push(message)
    kill = () => (this.killed = true)
  }
  const setUp = () => {
    const children: Child[] = []
    const failures: string[] = []
    const electron = {
      utilityProcess: {
        fork: () => {
          const child = new Child()
          children.push(child)
          return child
        },
      },
      MessageChannelMain: class {
        port1 = {}
        port2 = {}
      },
    } as unknown as Electron
    const engine = createEngineProcess(electron, {
      entry: 'engine.js',
      workspace: '/w',
      onFailed: (message) => failures.push(message),
    })
    const connect = () => {
      engine.connect({ postMessage: () => undefined } as unknown as Contents)
    }
    return { children, failures, engine, connect }
  }

  it('serves several connections with one process', () => {
    const { children, connect } = setUp()
    connect()
    connect()
    expect(children).toHaveLength(1)
    expect(children[0]!.sent).toEqual([{ kind: 'client' }, { kind: 'client' }])
  })

  it('tells why a workspace cannot be opened and tries no more', () => {
    const { children, failures, connect } = setUp()
    connect()
    children[0]!.emit('message', { kind: 'failed', error: { code: 'workspace_locked', message: 'In use.' } })
    connect()
    expect(failures).toEqual(['In use.'])
    expect(children[0]!.killed).toBe(true)
    expect(children).toHaveLength(1)
  })

  it('stops trying when the engine keeps ending', () => {
    const { children, failures, connect } = setUp()
    for (let n = 0; n < 10; n++) {
      connect()
      children.at(-1)!.emit('exit', 1)
    }
    expect(children).toHaveLength(5)
    expect(failures).toHaveLength(1)
    expect(failures[0]).toContain('keeps ending')
  })

  it('ends an engine that does not end by itself', async () => {
    vi.useFakeTimers()
    try {
      const { children, engine, connect } = setUp()
      connect()
      const closed = engine.close()
      expect(children[0]!.sent.at(-1)).toEqual({ kind: 'close' })
      vi.advanceTimersByTime(10_000)
      expect(children[0]!.killed).toBe(true)
      children[0]!.emit('exit', 1)
      await closed
    } finally {
      vi.useRealTimers()
    }
  })
})
