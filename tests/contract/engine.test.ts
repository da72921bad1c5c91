import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEngine, type Engine, type EngineClient } from '#engine/create-engine.ts'
import { installPaths } from '#engine/install-paths.ts'
import { api, type Method } from '#shared/contract/index.ts'
import { CairnError } from '#shared/errors.ts'
import { connect } from '#shared/rpc/client.ts'
import { TRANSPORTS, type Link } from './transports.ts'

const METHODS = Object.keys(api) as Method[]
const RESPONSE = 'Let me try 3 + 4 = 7. Wait, \ud800 that is not 24. 🪨 So 6 × 4 = 24.'

describe.each(TRANSPORTS)('the engine over $name', ({ open }) => {
  let folder: string
  let engine: Engine
  let link: Link
  let client: EngineClient
  const newClient = async (): Promise<EngineClient> => connect(await link.client())

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cairn-contract-'))
    const { entries, modelsDir, version } = installPaths()
    engine = createEngine({ workspace: join(folder, 'workspace'), create: true, entries, modelsDir, version })
    link = await open((channel) => engine.attach(channel))
    client = await newClient()
  })
  afterAll(async () => {
    client.close()
    await link.close()
    await engine.close()
    rmSync(folder, { recursive: true })
  })

  it('has a handler for every method of the contract and no other', () => {
    expect(Object.keys(engine.handlers).sort()).toEqual([...METHODS].sort())
  })

  it.each(METHODS)('%s exists and refuses what is no input', async (method) => {
    const call = client.call(method, 'no input' as never)
    const error = await call.then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(CairnError)
    expect(error).toMatchObject({ code: 'bad_request', details: { method } })
    expect((error as CairnError).message).toMatch(new RegExp(`^${method}: .*expected (object|record)`, 's'))
  })

  it('imports, lists, reads and labels; every client hears of it', async () => {
    const file = join(folder, 'rollouts.jsonl')
    const rows = [1, 2, 3].map((n) => ({ prompt: `Make 24 (${n})`, response: `${RESPONSE} ${n}` }))
    writeFileSync(file, rows.map((row) => JSON.stringify(row)).join('\n'))
    const other = await newClient()
    await other.call('workspace.info', {})
    const heard: string[] = []
    other.on('traces.changed', ({ reason }) => heard.push(reason))
    other.on('labels.changed', ({ traceId }) => heard.push(`label on ${traceId}`))

    const { id } = await client.call('imports.start', { paths: [file], run: 'contract' })
    const job = await client.call('jobs.wait', { id })
    expect(job).toMatchObject({ state: 'done', error: null })
    expect(await client.call('workspace.info', {})).toMatchObject({ traces: 3, sources: 1 })

    const [row] = await client.call('traces.list', {})
    const trace = await client.call('traces.get', { id: row!.id })
    expect(trace.response).toBe(`${RESPONSE} 1`)
    const span = { start: 4, end: 9 }
    const annotator = 'Ada 🪨'
    const label = { traceId: row!.id, span, behaviour: 'verification' as const, annotator }
    const added = await client.call('labels.add', label)
    expect(added).toMatchObject({ ...span, annotator, textHash: trace.textHash })
    expect(await other.call('labels.list', { traceId: row!.id })).toEqual([added])
    await expect.poll(() => heard.at(-1)).toBe(`label on ${row!.id}`)
    expect(heard).toContain('import')
    other.close()
  })

  it('tells what is missing by code, not by a crash', async () => {
    await expect(client.call('traces.get', { id: 999_999 })).rejects.toMatchObject({ code: 'not_found' })
    await expect(client.call('jobs.get', { id: 999_999 })).rejects.toMatchObject({ code: 'not_found' })
  })
})
