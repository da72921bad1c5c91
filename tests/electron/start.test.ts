import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Events } from '#shared/contract/events.ts'
import type { Api } from '#shared/contract/index.ts'
import { connect } from '#shared/rpc/client.ts'
import { socketChannel } from '#shared/rpc/socket-channel.ts'
import { buildIfNeeded } from '../../scripts/build-if-needed.js'
import { whyNoWindow } from '../../scripts/electron-binary.js'

/** Starting Cairn from a checkout: `npm start`, `npm run cairn`, `bin/cairn.js`. */

const ROOT = join(import.meta.dirname, '../..')
const run = promisify(execFile)
let folder: string

beforeAll(() => {
  buildIfNeeded()
  folder = mkdtempSync(join(tmpdir(), 'cairn-start-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const headless = (): NodeJS.ProcessEnv => {
  const { DISPLAY: _x, WAYLAND_DISPLAY: _wayland, ...environment } = process.env
  return environment
}

/** Lines of a started process until one of them fits. */
async function linesUntil(child: ChildProcess, fits: (line: string) => boolean): Promise<string[]> {
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout! })) {
    lines.push(line)
    if (fits(line)) break
  }
  return lines
}

describe.skipIf(process.platform !== 'linux')('npm start without a display', () => {
  it('serves to a browser, says why in one line, and ends cleanly on Ctrl+C', async () => {
    const workspace = join(folder, 'served')
    const args = [join(ROOT, 'scripts/start.js'), '--workspace', workspace, '--no-open']
    // A process group of its own gets Ctrl+C as a whole, as in a terminal.
    const started = Date.now()
    const child = spawn(process.execPath, args, {
      env: headless(),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    try {
      const lines = await linesUntil(child, (line) => line.startsWith('http://'))
      expect(lines[0]).toBe('Serving Cairn to a browser instead of a window: there is no display.')
      expect(lines[1]).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/)
      expect(Date.now() - started).toBeLessThan(10_000)

      const { origin, host } = new URL(lines[1]!)
      const cookie = (await fetch(lines[1]!)).headers.get('set-cookie')!.split(';')[0]!
      const page = await fetch(origin, { headers: { cookie } })
      expect(page.status).toBe(200)
      const socket = new WebSocket(`ws://${host}/rpc`, { origin, headers: { cookie } })
      const client = connect<Api, Events>(socketChannel(socket))
      expect(await client.call('workspace.info', {})).toMatchObject({ traces: 0 })

      const exit = new Promise((done) => child.on('exit', (code, signal) => done({ code, signal })))
      process.kill(-child.pid!, 'SIGINT')
      expect(await exit).toEqual({ code: 0, signal: null })
      await expect(client.call('workspace.info', {})).rejects.toMatchObject({ code: 'disconnected' })
      await expect(fetch(origin)).rejects.toThrow()
    } finally {
      try {
        process.kill(-child.pid!, 'SIGKILL')
      } catch {
        // it has ended
      }
    }
  })
})

describe('whether a window can open', () => {
  it.each([
    [{ platform: 'linux', env: {}, uid: 1000 }, 'there is no display'],
    [{ platform: 'linux', env: { DISPLAY: '' }, uid: 1000 }, 'there is no display'],
    [{ platform: 'linux', env: { DISPLAY: ':0' }, uid: 0 }, /root/],
    [{ platform: 'linux', env: { DISPLAY: ':0' }, uid: 1000 }, null],
    [{ platform: 'linux', env: { WAYLAND_DISPLAY: 'wayland-0' }, uid: 1000 }, null],
    [{ platform: 'darwin', env: {}, uid: 0 }, null],
    [{ platform: 'win32', env: {}, uid: undefined }, null],
  ] as const)('is told for %j', (machine, reason) => {
    const told = whyNoWindow(machine)
    if (reason instanceof RegExp) expect(told).toMatch(reason)
    else expect(told).toBe(reason)
  })
})

describe('bin/cairn.js', () => {
  it('runs the built command line and passes its exit code on', async () => {
    const { stdout } = await run(process.execPath, [join(ROOT, 'bin/cairn.js'), '--version'])
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    const wrong = run(process.execPath, [join(ROOT, 'bin/cairn.js'), 'no-such-command'])
    await expect(wrong).rejects.toMatchObject({ code: 2 })
  })

  it('says in one line what to do when nothing is built', async () => {
    const copy = join(folder, 'unbuilt')
    mkdirSync(copy)
    writeFileSync(join(copy, 'package.json'), '{"type":"module"}')
    for (const name of ['bin', 'scripts']) cpSync(join(ROOT, name), join(copy, name), { recursive: true })
    const outcome = await run(process.execPath, [join(copy, 'bin/cairn.js')]).then(
      () => null,
      (error: { code: number; stderr: string }) => error,
    )
    expect(outcome?.code).toBe(1)
    expect(outcome?.stderr).toMatch(/^cairn: nothing is built yet: run "npm run build".*npm run cairn.*\n$/)
  })

  it('runs through npm run cairn as well', async () => {
    const { stdout } = await run(process.execPath, [join(ROOT, 'scripts/cairn.js'), '--help'])
    expect(stdout).toContain('cairn import')
    expect(existsSync(join(ROOT, 'out/main/cli.js'))).toBe(true)
  })
})
