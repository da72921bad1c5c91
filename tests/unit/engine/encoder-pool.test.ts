import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { engineFor } from './engine-for.ts'
import { ended, importFiles, sampleLines, tableHashes } from './support.ts'

const TABLES = ['steps', 'predictions']
const TRACES = 80

const opened = engineFor('file')
beforeAll(async () => {
  const file = opened.put('dpo.jsonl', sampleLines('dpo').slice(0, TRACES).join('\n'))
  await importFiles(opened.client, [file])
})

const start = () =>
  opened.client.call('classify.start', { model: 'cairn-accurate', device: 'cpu', force: true })
const result = async () =>
  (await ended(opened.client, await start())).result as { traces: number; model: string; version: string }

describe('the encoder in several processes', () => {
  it('says which model it was, and the same every time', async () => {
    expect(await result()).toMatchObject({ traces: TRACES, model: 'cairn-accurate' })
    const before = tableHashes(opened.workspace, TABLES)
    const { prediction } = await opened.client.call('traces.get', { id: 1 })
    expect(prediction!.model).toBe('cairn-accurate')
    await result()
    expect(tableHashes(opened.workspace, TABLES)).toEqual(before)
  })

  it('stores the same bytes when a process is killed and when it is cancelled and resumed', async () => {
    const before = tableHashes(opened.workspace, TABLES)
    const killed = await start()
    const begun = (id: number) =>
      expect
        .poll(async () => (await opened.client.call('jobs.get', { id })).progress.done, {
          interval: 2,
          timeout: 60_000,
        })
        .toBeGreaterThan(0)
    await begun(killed.id)
    process.kill(opened.engine.inference.pid()!, 'SIGKILL')
    await ended(opened.client, killed)
    expect(tableHashes(opened.workspace, TABLES)).toEqual(before)

    const { id } = await start()
    await begun(id)
    await opened.client.call('jobs.cancel', { id })
    await ended(opened.client, await opened.client.call('jobs.resume', { id }))
    expect(tableHashes(opened.workspace, TABLES)).toEqual(before)
  })

  it('is not disturbed by another model that is used meanwhile', async () => {
    const before = tableHashes(opened.workspace, TABLES)
    const job = await start()
    const labels = join(opened.folder, 'labels.jsonl')
    const text = 'I add them. Let me check: 2 + 2 = 4.'
    writeFileSync(labels, JSON.stringify({ text, steps: [[0, 11]], annotations: [] }))
    const other = await opened.client.call('models.evaluate', { labels, model: 'cairn-fast', device: 'cpu' })
    expect((await ended(opened.client, other)).result).toMatchObject({ model: 'cairn-fast' })
    await ended(opened.client, job)
    expect(tableHashes(opened.workspace, TABLES)).toEqual(before)
  })
})
