import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { Engine } from '#engine/create-engine.ts'
import { startWebHost } from '#web/host.ts'
import { exitCodeOf } from '../../src/cli/exit-codes.ts'

it.each([99_999, -1, 80.5])('a port that is none, such as %d, is wrong use', async (port) => {
  const rendererDir = mkdtempSync(join(tmpdir(), 'cairn-serve-'))
  onTestFinished(() => rmSync(rendererDir, { recursive: true }))
  writeFileSync(join(rendererDir, 'index.html'), '')
  const attach: Engine['attach'] = () => {
    throw new Error('nobody comes this far')
  }
  const start = startWebHost({ engine: { attach }, rendererDir, port })
  await expect(start).rejects.toMatchObject({
    code: 'bad_request',
    message: expect.stringContaining('--port 0') as string,
  })
  expect(exitCodeOf('bad_request')).toBe(2)
})
