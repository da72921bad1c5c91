import { beforeAll, describe, expect, it } from 'vitest'
import { engineFor } from './engine-for.ts'
import { ended, importFiles, sampleLines, tableHashes } from './support.ts'

const TABLES = ['steps', 'predictions', 'models']

let expected: Record<string, string>
const opened = engineFor('file')
beforeAll(async () => {
  const file = opened.put('dpo.jsonl', [...sampleLines('dpo'), ...sampleLines('rft')].join('\n'))
  await importFiles(opened.client, [file])
  await classify(true)
  expected = tableHashes(opened.workspace, TABLES)
})

const start = (force: boolean) =>
  opened.client.call('classify.start', { model: 'cairn-fast', device: 'cpu', force })
async function classify(force: boolean): Promise<number> {
  const { result } = await ended(opened.client, await start(force))
  return (result as { traces: number }).traces
}

describe('classification', () => {
  it('computes only what is missing', async () => {
    expect(await classify(false)).toBe(0)
    expect(await classify(true)).toBe(1000)
    expect(tableHashes(opened.workspace, TABLES)).toEqual(expected)
  })

  it('cancelled and resumed stores the same bytes', async () => {
    const { id } = await start(true)
    await expect
      .poll(async () => (await opened.client.call('jobs.get', { id })).progress.done, {
        interval: 2,
        timeout: 20_000,
      })
      .toBeGreaterThan(0)
    expect((await opened.client.call('jobs.cancel', { id })).state).toBe('cancelled')
    await ended(opened.client, await opened.client.call('jobs.resume', { id }))
    expect(tableHashes(opened.workspace, TABLES)).toEqual(expected)
  })

  it('goes on while the provider is asked for', async () => {
    const job = await start(true)
    await expect
      .poll(async () => (await opened.client.call('jobs.get', { id: job.id })).progress.done, {
        interval: 2,
        timeout: 20_000,
      })
      .toBeGreaterThan(0)
    for (
      let running = true;
      running;
      running = (await opened.client.call('jobs.get', { id: job.id })).state === 'running'
    )
      expect(await opened.client.call('models.provider', { device: 'cpu' })).toMatchObject({
        provider: 'cpu',
      })
    await ended(opened.client, job)
    expect(tableHashes(opened.workspace, TABLES)).toEqual(expected)
  })

  it('twice at once ends well twice', async () => {
    const jobs = [await start(true), await start(true)]
    for (const job of jobs) await ended(opened.client, job)
    expect(tableHashes(opened.workspace, TABLES)).toEqual(expected)
  })

  it('twice at once survives the end of the inference process', async () => {
    const jobs = [await start(true), await start(true)]
    await expect
      .poll(async () => (await opened.client.call('jobs.get', { id: jobs[1]!.id })).progress.done, {
        interval: 2,
        timeout: 20_000,
      })
      .toBeGreaterThan(0)
    process.kill(opened.engine.inference.pid()!, 'SIGKILL')
    for (const job of jobs) await ended(opened.client, job)
    expect(tableHashes(opened.workspace, TABLES)).toEqual(expected)
  })

  it('by a model that is not there fails, naming it', async () => {
    const job = await opened.client.call('classify.start', { model: 'no-such-model' })
    const { error } = await ended(opened.client, job, 'failed')
    expect(error).toMatchObject({ code: 'model_missing' })
    expect(error!.message).toContain('no-such-model')
  })
})
