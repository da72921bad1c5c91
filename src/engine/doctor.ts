import { execFile } from 'node:child_process'
import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { toCairnError } from '#shared/errors.ts'
import { sqliteVersion } from './db/version.ts'
import { cudaState } from './inference/cuda-parts.ts'
import { createInferenceHost } from './inference/host.ts'
import { listModels, unreadableModels } from './inference/models.ts'

export interface Check {
  name: string
  /** `note` is worth knowing but stops nothing. */
  state: 'ok' | 'note' | 'problem'
  found: string
  /** What to do; null when there is nothing to do. */
  advice: string | null
}

interface Installation {
  entries: { inference: string }
  modelsDir: string
  version: string
}

const LOW_DISK = 5e9

/** Looks at everything Cairn needs from this machine. Never throws: a failure is a check's answer. */
export async function diagnose({ entries, modelsDir, version }: Installation): Promise<Check[]> {
  return [
    { name: 'cairn', state: 'ok', found: version, advice: null },
    node(),
    attempt('sqlite', () => ({ name: 'sqlite', state: 'ok', found: sqliteVersion(), advice: null })),
    ...(await gpu()),
    ...(await models(modelsDir, entries.inference)),
    await disk(),
  ]
}

function attempt(name: string, check: () => Check): Check {
  try {
    return check()
  } catch (thrown) {
    return {
      name,
      state: 'problem',
      found: toCairnError(thrown).message,
      advice: 'Install Cairn again with "npm ci".',
    }
  }
}

function node(): Check {
  const fits = Number(process.versions.node.split('.')[0]) >= 22
  return {
    name: 'node',
    state: fits ? 'ok' : 'problem',
    found: process.versions.node,
    advice: fits
      ? null
      : 'Node 22 or newer is needed; "npm run cairn" uses the one that comes with the project.',
  }
}

async function gpu(): Promise<Check[]> {
  const card = await driver()
  return card.state === 'ok' ? [card, await cuda()] : [card]
}

async function driver(): Promise<Check> {
  try {
    const { stdout } = await promisify(execFile)(
      'nvidia-smi',
      ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'],
      { timeout: 10_000 },
    )
    return { name: 'gpu', state: 'ok', found: stdout.trim().replaceAll('\n', '; '), advice: null }
  } catch {
    return {
      name: 'gpu',
      state: 'note',
      found: 'no NVIDIA driver answers (nvidia-smi)',
      advice: 'Classification runs on the CPU. With an NVIDIA card, install its driver.',
    }
  }
}

/** What lies between a card with its driver and models that run on it. */
async function cuda(): Promise<Check> {
  const { problem, advice, known } = await cudaState()
  const found =
    problem ??
    (known
      ? 'the provider and its libraries are there'
      : 'the provider is there; whether its libraries are is not known, as "ldd" does not answer')
  return { name: 'cuda', state: advice === null ? 'ok' : 'note', found, advice }
}

async function models(modelsDir: string, entry: string): Promise<Check[]> {
  const checks: Check[] = []
  const inference = createInferenceHost(entry)
  try {
    const found = listModels([modelsDir])
    if (found.length === 0)
      checks.push({
        name: 'model',
        state: 'problem',
        found: `none in ${modelsDir}`,
        advice: 'Install Cairn again.',
      })
    for (const { id, problem } of unreadableModels([modelsDir]))
      checks.push({
        name: `model ${id}`,
        state: 'problem',
        found: problem.message,
        advice: 'Install Cairn again.',
      })
    for (const { id, version, kind, path } of found) {
      // On CUDA it has run a sentence by then.
      const { info } = await inference.load({ modelDir: path })
      const { provider, reason, onnxruntime } = info
      checks.push({
        name: `model ${id}`,
        state: 'ok',
        found: `${version} runs on ${provider} with onnxruntime ${onnxruntime}`,
        advice: provider === 'cuda' || kind === 'hashed-ngrams' ? null : `Not on CUDA: ${reason}.`,
      })
    }
  } catch (thrown) {
    checks.push({
      name: 'model',
      state: 'problem',
      found: toCairnError(thrown).message,
      advice: 'Install Cairn again.',
    })
  } finally {
    inference.close()
  }
  return checks
}

async function disk(): Promise<Check> {
  const { bavail, bsize } = await statfs(tmpdir())
  const free = bavail * bsize
  const low = free < LOW_DISK
  return {
    name: 'disk',
    state: low ? 'note' : 'ok',
    found: `${(free / 1e9).toFixed(1)} GB free for temporary files`,
    advice: low ? 'Large imports and "analyze" need room; set TMPDIR to a larger disk.' : null,
  }
}
