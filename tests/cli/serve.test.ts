import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Engine } from '#engine/create-engine.ts'
import { startWebHost } from '#web/host.ts'
import { startOnUsualPort, usualPort } from '#web/usual-port.ts'
import { exitCodeOf } from '../../src/cli/exit-codes.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cairn-serve-'))
  writeFileSync(join(folder, 'index.html'), '')
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})
const attach: Engine['attach'] = () => {
  throw new Error('nobody comes this far')
}

it.each([99_999, -1, 80.5])('a port that is none, such as %d, is wrong use', async (port) => {
  const start = startWebHost({ engine: { attach }, rendererDir: folder, port })
  await expect(start).rejects.toMatchObject({
    code: 'bad_request',
    message: expect.stringContaining('--port 0') as string,
  })
  expect(exitCodeOf('bad_request')).toBe(2)
})

describe('without a port', () => {
  const serve = (workspace: string, rendererDir = folder) =>
    startOnUsualPort(workspace, { engine: { attach }, rendererDir })

  it('a workspace is served on the same one each time, by whatever name', async () => {
    const link = join(folder, 'link')
    symlinkSync(folder, link)
    const first = await serve(folder)
    await first.close()
    const again = await serve(link)
    await again.close()
    expect(again.port).toBe(first.port)
    expect(first.port).toBeGreaterThanOrEqual(49_152)
    // Another launch all the same: the link of the earlier one opens nothing.
    expect(again.url).not.toBe(first.url)
  })

  it('two workspaces have two', () => {
    const [one, two] = ['one', 'two'].map((name) => {
      mkdirSync(join(folder, name))
      return usualPort(join(folder, name))
    })
    expect(one).not.toBe(two)
  })

  it('any free one is taken where it is not free', async () => {
    const first = await serve(folder)
    onTestFinished(() => first.close())
    const second = await serve(folder)
    onTestFinished(() => second.close())
    expect(second.port).not.toBe(first.port)
    expect((await fetch(second.url)).status).toBe(200)
  })

  it('what is wrong with anything else is said', async () => {
    await expect(serve(folder, join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'not_found' })
  })
})
