import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { openEngine, temporaryFolder, type TestEngine } from './support.ts'

export interface EngineHere extends TestEngine {
  /** Of the test's own; the workspace is in it. Gone at the end. */
  folder: string
  /** Writes a file into the folder; its path. */
  put(name: string, data: string | Uint8Array): string
}

/**
 * An engine on a workspace of its own, for every test of a file or one for the whole file, closed and removed by
 * itself. What is given back is filled in before the tests run.
 */
export function engineFor(each: 'test' | 'file'): EngineHere {
  const here = {} as EngineHere
  const open = () => {
    const folder = temporaryFolder()
    const put = (name: string, data: string | Uint8Array) => {
      const path = join(folder, name)
      writeFileSync(path, data)
      return path
    }
    Object.assign(here, openEngine(join(folder, 'workspace')), { folder, put })
  }
  const remove = async () => {
    await here.close()
    rmSync(here.folder, { recursive: true, force: true })
  }
  if (each === 'test') {
    beforeEach(open)
    afterEach(remove)
  } else {
    beforeAll(open)
    afterAll(remove)
  }
  return here
}
