import type * as Ort from 'onnxruntime-node'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { BINDING, cudaParts } from './cuda-parts.ts'

const packages = createRequire(import.meta.url)

/**
 * onnxruntime looks for providers in the folder that its libraries were loaded from. Where CUDA's was added to a folder
 * of the user's own, the copies beside it are loaded in place of the installed ones.
 */
function load(): typeof Ort {
  const { possible, installed, folder, missing } = cudaParts()
  if (possible && missing.length === 0 && folder !== installed.folder)
    try {
      const copy = packages.resolve(join(folder, BINDING))
      packages(copy)
      // The package asks for its binding by this path.
      packages.cache[packages.resolve(installed.binding)] = packages.cache[copy]
    } catch {
      // Damaged: what is installed runs on the CPU. `cudaState` says what is wrong, and adding it again mends it.
    }
  return packages('onnxruntime-node') as typeof Ort
}

export const ort = load()
