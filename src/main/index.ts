import * as electron from 'electron'
import { join } from 'node:path'
import { installPaths } from '#engine/install-paths.ts'
import { startShell } from './shell.ts'

/** Entry of the desktop host: hands the real Electron to the shell. */
const here = import.meta.dirname

// Not awaited: Electron is ready only after this module has been evaluated.
startShell(electron, {
  files: {
    preload: join(here, '../preload/index.cjs'),
    engine: join(here, 'engine.js'),
    rendererDir: installPaths().rendererDir,
  },
  argv: process.argv,
  directory: process.cwd(),
  platform: process.platform,
}).catch((error: unknown) => {
  console.error(error)
  electron.app.exit(1)
})
