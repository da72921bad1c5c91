import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface InstallPaths {
  /** Files that run as threads and as a process of their own, for `createEngine`. */
  entries: { reader: string; reading: string; inference: string }
  modelsDir: string
  samplesDir: string
  /** Recipes that come with Cairn. */
  recipesDir: string
  /** Built user interface; exists only after a build. */
  rendererDir: string
  version: string
}

/**
 * Where this installation's parts lie: beside the TypeScript sources when run from them, otherwise
 * beside the built files.
 * @throws Error when this file lies in no installation of Cairn
 */
export function installPaths(): InstallPaths {
  const here = import.meta.filename
  const root = findRoot(dirname(here))
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  // Models are opened by native code, which cannot look into the archive of a packaged app.
  const resources = join(root.replace(/\.asar$/, '.asar.unpacked'), 'resources')
  return {
    entries: here.endsWith('.ts')
      ? {
          reader: join(root, 'src/engine/importers/worker.ts'),
          reading: join(root, 'src/engine/services/reading-thread.ts'),
          inference: join(root, 'src/engine/inference/process.ts'),
        }
      : {
          reader: join(root, 'out/main/reader.js'),
          reading: join(root, 'out/main/reading.js'),
          inference: join(root, 'out/main/inference.js'),
        },
    modelsDir: join(resources, 'models'),
    samplesDir: join(resources, 'samples'),
    recipesDir: join(root, 'resources', 'recipes'),
    rendererDir: join(root, 'out/renderer'),
    version,
  }
}

function findRoot(from: string): string {
  for (let dir = from; dirname(dir) !== dir; dir = dirname(dir))
    if (existsSync(join(dir, 'package.json'))) return dir
  throw new Error(`Cairn is not installed completely: there is no package.json above ${from}.`)
}
