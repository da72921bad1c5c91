import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { temporaryFolder } from './support.ts'
import { putTinyModel } from './tiny-model.ts'

let folder: string
beforeAll(() => {
  folder = temporaryFolder()
  mkdirSync(join(folder, 'home'))
  putTinyModel(join(folder, 'model'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// onnxruntime would put its books of who uses it into the home folder.
it.skipIf(process.platform !== 'linux')(
  'onnxruntime leaves nothing behind and says nothing by itself',
  async () => {
    const script = `
    import { openOnCpu } from '#engine/inference/provider.ts'
    await openOnCpu(${JSON.stringify(join(folder, 'model/model.onnx'))}, 1)
    await new Promise((go) => setTimeout(go, 500))`
    const home = join(folder, 'home')
    const { ORT_DISABLE_TELEMETRY: _, XDG_CACHE_HOME: _cache, ...env } = process.env
    const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: resolve(import.meta.dirname, '../../..'),
      env: { ...env, HOME: home, NODE_NO_WARNINGS: '1' },
    })
    expect(stderr).toBe('')
    expect(readdirSync(home)).toEqual([])
  },
)
