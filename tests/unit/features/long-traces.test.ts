import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createHashedNgrams } from '#engine/inference/hashed-ngrams.ts'
import { readManifest } from '#engine/inference/models.ts'
import type { Loading } from '#engine/inference/protocol.ts'
import { installPaths } from '#engine/install-paths.ts'
import type { HashedNgramsManifest } from '#shared/domain/models/manifest.ts'
import { segment } from '#shared/domain/segment/index.ts'
import { sampleLines } from '../engine/support.ts'

it.each([1, 2, 7, 64])('a trace in parts of %d steps is read as the whole is', async (runSteps) => {
  const modelDir = join(installPaths().modelsDir, 'cairn-fast')
  const loading: Loading = {
    ...{ modelDir, version: null, device: 'cpu', threads: 1 },
    ...{ precision: 'auto', batch: null, adaptation: null },
  }
  const open = (most?: number) =>
    createHashedNgrams(readManifest(modelDir) as HashedNgramsManifest, loading, most)
  const traces = sampleLines('dpo')
    .slice(0, 6)
    .map((line) => (JSON.parse(line) as { raw_generation: string }).raw_generation)
    .concat('')
    .map((response) => ({ response, prompt: '', bounds: segment(response) }))
  expect(Math.max(...traces.map(({ bounds }) => bounds.length / 2))).toBeGreaterThan(64)

  const [whole, parts] = await Promise.all([open(), open(runSteps)])
  const [expected, found] = await Promise.all([whole.predict(traces), parts.predict(traces)])
  expect(found.map(({ length }) => length)).toEqual(traces.map(({ bounds }) => bounds.length * 2))
  const differences = found.flatMap((trace, at) =>
    Array.from(trace, (p, index) => Math.abs(p - expected[at]![index]!)),
  )
  expect(Math.max(...differences)).toBeLessThan(1e-6)
  await Promise.all([whole.release(), parts.release()])
})
