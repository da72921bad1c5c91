import { join } from 'node:path'
import { expect, it } from 'vitest'
import { BEHAVIOURS } from '#shared/domain/behaviours.ts'
import { countBehaviours } from '#shared/domain/counts.ts'
import { engineFor } from './engine-for.ts'
import { ended, exportRows, importFiles, openEngine, sampleLines, type TestEngine } from './support.ts'

const TRACES = 30
const STRICT = [0.99, 0.99, 0.99, 0.99]
const opened = engineFor('file')

/** Whether the counts of every trace are those that its thresholds make of its predictions. */
async function agree({ client }: TestEngine): Promise<boolean> {
  for (const { id, steps, episodes } of await client.call('traces.list', { limit: 100 })) {
    const { prediction } = await client.call('traces.get', { id })
    const made = countBehaviours(prediction!.probabilities, prediction!.thresholds)
    if (BEHAVIOURS.some((one, at) => steps![one] !== made.steps[at] || episodes![one] !== made.episodes[at]))
      return false
  }
  return true
}

const classify = async ({ client }: TestEngine) =>
  (await ended(client, await client.call('classify.start', { model: 'cairn-fast', device: 'cpu' }))).result
const thresholds = async ({ client }: TestEngine) => (await client.call('models.predicted', {}))[0]!

it('counts that were imported with other thresholds are made anew by the model’s own', async () => {
  const file = opened.put('dpo.jsonl', sampleLines('dpo').slice(0, TRACES).join('\n'))
  await importFiles(opened.client, [file])
  await classify(opened)
  const { model, version, thresholds: own } = await thresholds(opened)
  await ended(
    opened.client,
    await opened.client.call('models.thresholds', { model, version, thresholds: STRICT }),
  )
  const path = join(opened.folder, 'annotations.jsonl')
  await exportRows(opened.client, path, { format: 'annotations', filter: { ids: [1, 2, 3, 4, 5, 6, 7, 8] } })

  const other = openEngine(join(opened.folder, 'other'))
  try {
    await importFiles(other.client, [file])
    expect(await other.client.call('labels.import', { path })).toMatchObject({ predictions: 8 })
    expect(await thresholds(other)).toMatchObject({ thresholds: STRICT, chosen: false })
    expect(await classify(other)).toMatchObject({ traces: TRACES - 8 })
    expect(await thresholds(other)).toMatchObject({ thresholds: own, chosen: false, shown: TRACES })
    expect(await agree(other)).toBe(true)

    // What the person has chosen stays.
    const choice = { model, version, thresholds: [0.5, 0.6, 0.7, 0.8] }
    await ended(other.client, await other.client.call('models.thresholds', choice))
    await classify(other)
    expect(await thresholds(other)).toMatchObject({ thresholds: choice.thresholds, chosen: true })
    expect(await agree(other)).toBe(true)
  } finally {
    await other.close()
  }
})
