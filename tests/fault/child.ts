import { openEngine } from '../unit/engine/support.ts'

/**
 * A host to be killed: on a workspace it imports, labels and classifies, each from where an earlier
 * one was stopped, and tells its parent what the engine has acknowledged.
 */
export type Told =
  | { opened: true }
  | { traces: number; classified: number }
  | { labelled: number }
  | { inference: number }
  | { done: true }

/** Trace ids divisible by this get a label. */
export const LABEL_EVERY = 50

const tell = (what: Told): void => void process.send?.(what)

async function main(workspace: string, files: string[]): Promise<void> {
  const { client, engine, close } = openEngine(workspace)
  tell({ opened: true })

  let labelled = 0
  const label = async () => {
    const { traces, classified } = await client.call('workspace.info', {})
    tell({ traces, classified })
    while (labelled + LABEL_EVERY <= traces) {
      const traceId = labelled + LABEL_EVERY
      const span = { start: 0, end: 1 + (traceId % 7) }
      await client.call('labels.add', { traceId, span, behaviour: 'verification', annotator: 'a' })
      labelled = traceId
      tell({ labelled })
    }
  }
  client.on('jobs.changed', () => {
    void label()
    const pid = engine.inference.pid()
    if (pid !== null) tell({ inference: pid })
  })

  const jobs = await client.call('jobs.list', {})
  const finish = async (kind: 'import' | 'classify') => {
    const known = jobs.find((job) => job.kind === kind)
    if (known?.state === 'done') return
    const started =
      known !== undefined
        ? await client.call('jobs.resume', { id: known.id })
        : kind === 'import'
          ? await client.call('imports.start', { paths: files })
          : await client.call('classify.start', { model: 'cairn-fast', device: 'cpu' })
    const { state, error } = await client.call('jobs.wait', { id: started.id })
    if (state !== 'done') throw new Error(`${kind} ended ${state}: ${JSON.stringify(error)}`)
    await label()
  }
  await finish('import')
  await finish('classify')
  await label()
  await close()
  tell({ done: true })
}

if (process.argv[1] === import.meta.filename) {
  const [workspace, ...files] = process.argv.slice(2)
  // Nothing outlives the test that started it.
  process.on('disconnect', () => process.exit(1))
  await main(workspace!, files)
  process.disconnect()
}
