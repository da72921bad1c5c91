import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ended, importFiles, sampleLines, temporaryFolder, withEngine, type TestEngine } from './support.ts'

/** Threads of the inference process, as the system counts them. */
const threadsOf = ({ engine }: TestEngine) => readdirSync(`/proc/${engine.inference.pid()!}/task`).length

describe('where models run', () => {
  it('is what the workspace says, unless the call says otherwise', () =>
    withEngine(async ({ client }) => {
      await client.call('settings.set', { device: 'cpu', threads: 1 })
      expect(await client.call('models.provider', {})).toMatchObject({
        provider: 'cpu',
        reason: 'the CPU was asked for',
        threads: 1,
      })
      await client.call('settings.set', { threads: null })
      expect(await client.call('models.provider', {})).toMatchObject({ threads: null })
    }))

  it('never asks for more threads than there are, and passes over settings that make no sense', () =>
    withEngine(async ({ client }) => {
      const { logicalCores, physicalCores } = await client.call('models.machine', {})
      expect(physicalCores).toBeGreaterThan(0)
      expect(physicalCores).toBeLessThanOrEqual(logicalCores)
      await client.call('settings.set', { device: 'cpu', threads: 10_000 })
      expect(await client.call('models.provider', {})).toMatchObject({ threads: logicalCores })
      for (const threads of [0, -1, 1.5, 'many'])
        expect(
          await client.call('settings.set', { threads }).then(() => client.call('models.provider', {})),
        ).toMatchObject({ threads: null })
      await client.call('settings.set', { device: 'abacus' })
      expect(await client.call('models.provider', {})).toMatchObject({
        provider: expect.any(String) as string,
      })
      await expect(client.call('models.provider', { threads: 0 })).rejects.toMatchObject({
        code: 'bad_request',
      })
    }))

  // onnxruntime itself starts the threads: the process counts them, not what was asked for.
  it.skipIf(process.platform !== 'linux')('has as many threads as were asked for', () =>
    withEngine(async (opened) => {
      const { client } = opened
      const { logicalCores } = await client.call('models.machine', {})
      if (logicalCores < 2) return
      const counted: number[] = []
      for (const threads of [1, 2, 1]) {
        await client.call('settings.set', { device: 'cpu', threads })
        await client.call('models.provider', { model: 'cairn-fast' })
        counted.push(threadsOf(opened))
      }
      expect(counted).toEqual([counted[0], counted[0]! + 1, counted[0]])
    }),
  )

  it('is kept with a classification, so that resuming it later is the same work', () => {
    const folder = temporaryFolder()
    return withEngine(async ({ client }) => {
      const file = join(folder, 'dpo.jsonl')
      writeFileSync(file, sampleLines('dpo').slice(0, 5).join('\n'))
      await importFiles(client, [file])
      await client.call('settings.set', { device: 'cpu', threads: 1 })
      const job = await ended(client, await client.call('classify.start', { model: 'cairn-fast' }))
      expect(job.input).toMatchObject({ device: 'cpu', threads: 1 })
    }).finally(() => rmSync(folder, { recursive: true, force: true }))
  })
})
