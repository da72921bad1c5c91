import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ended, importFiles, openEngine, sampleLines } from '../unit/engine/support.ts'
import { cairn } from './run.ts'

it('behaviours of one’s own are made, listed and removed, and say when there is too little to learn from', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cairn-behaviours-'))
  const workspace = ['-w', join(folder, 'study')]
  await writeFile(
    join(folder, 'rollouts.jsonl'),
    JSON.stringify({ id: 1, prompt: 'p', response: 'So it is.' }),
  )
  await cairn(['import', join(folder, 'rollouts.jsonl'), ...workspace])
  const made = await cairn([
    'behaviours',
    'create',
    'Unit check',
    '--description',
    'compares units',
    ...workspace,
  ])
  expect(made.code).toBe(0)
  expect((await cairn(['behaviours', 'list', ...workspace])).stdout).toContain('compares units')
  for (const group of ['behaviours', 'models'])
    expect((await cairn([group, 'train', 'unit check', ...workspace])).stderr).toContain('label 20 more')
  expect((await cairn(['behaviours', 'counts', 'units', ...workspace])).stderr).toContain(
    'There is "Unit check".',
  )
  // Where traces are chosen it goes by its name, like the four; its head has looked at none.
  const chosen = await cairn(['stats', '--json', '--min', 'unit check=1', ...workspace])
  expect(JSON.parse(chosen.stdout)).toEqual({ runs: [] })
  const unknown = await cairn(['stats', '--min', 'units=1', ...workspace])
  expect(unknown.code).not.toBe(0)
  expect(unknown.stderr).toContain('There is "Unit check". Built in are verification,')
  const queue = await cairn(['models', 'queue', '--count', '0', ...workspace])
  expect(queue.stderr).toContain('"0" is no whole number from 1 to 500')
  expect((await cairn(['behaviours', 'remove', 'unit check', ...workspace])).code).toBe(0)
  expect((await cairn(['behaviours', 'list', '--json', ...workspace])).stdout.trim()).toBe('[]')
  await rm(folder, { recursive: true })
})

/** A workspace whose behaviour "Comparison" was learnt from labels and looked for in all 20 traces. */
async function learnt(folder: string): Promise<string> {
  const workspace = join(folder, 'study')
  const file = join(folder, 'dpo.jsonl')
  await writeFile(file, sampleLines('dpo').slice(0, 20).join('\n'))
  const { client, close } = openEngine(workspace)
  await importFiles(client, [file])
  const classify = { model: 'cairn-accurate', device: 'cpu' } as const
  await ended(client, await client.call('classify.start', classify))
  const { id: behaviour } = await client.call('own.create', { name: 'Comparison' })
  for (let traceId = 1; traceId <= 16; traceId++) {
    const { bounds, response } = await client.call('traces.get', { id: traceId })
    for (let step = 0; step < bounds!.length / 2; step++) {
      const span = { start: bounds![step * 2]!, end: bounds![step * 2 + 1]! }
      if (!/too (high|low)|not \d+|close/i.test(response.slice(span.start, span.end))) continue
      await client.call('own.label', { traceId, behaviour, span, annotator: 'Ann', verdict: 'present' })
    }
  }
  await ended(client, await client.call('own.train', { behaviour }))
  await ended(client, await client.call('own.classify', { behaviour }))
  await close()
  return workspace
}

it('behaviours threshold tells from where a behaviour counts, sets it, and takes it back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cairn-behaviours-'))
  const workspace = await learnt(folder)
  const threshold = async (...flags: string[]) => {
    const { stdout, stderr, code } = await cairn([
      'behaviours',
      'threshold',
      'comparison',
      '--json',
      ...flags,
      '-w',
      workspace,
    ])
    expect(stderr).toBe('')
    expect(code).toBe(0)
    return JSON.parse(stdout) as { threshold: number; learnt: number; traces: number; steps: number }
  }
  const told = await threshold()
  expect(told.threshold).toBe(told.learnt)
  expect(told.traces).toBe(20)
  const all = await threshold('--set', '0')
  expect(all).toMatchObject({ threshold: 0, learnt: told.learnt, traces: 20 })
  expect(all.steps).toBeGreaterThan(told.steps)
  expect(await threshold()).toEqual(all)
  for (const wrong of ['1.5', '-0.1', 'high', '']) {
    const refused = await cairn(['behaviours', 'threshold', 'comparison', '--set', wrong, '-w', workspace])
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain(`or "learnt"; it is "${wrong}"`)
  }
  expect(await threshold()).toEqual(all)
  expect(await threshold('--set', 'learnt')).toEqual(told)
  const said = await cairn(['behaviours', 'threshold', 'comparison', '--set', '0.9', '-w', workspace])
  expect(said.stdout).toMatch(
    /^comparison: threshold 0\.9000 \(learnt 0\.\d{4}\); [\d,]+ steps show it, in the 20 traces/,
  )
  await rm(folder, { recursive: true })
})
