import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
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
  expect((await cairn(['behaviours', 'train', 'unit check', ...workspace])).stderr).toContain('label 20 more')
  expect((await cairn(['behaviours', 'counts', 'units', ...workspace])).stderr).toContain(
    'There is "Unit check".',
  )
  // Where traces are chosen it goes by its name, like the four; its head has looked at none.
  const chosen = await cairn(['stats', '--json', '--min', 'unit check=1', ...workspace])
  expect(JSON.parse(chosen.stdout)).toEqual({ runs: [] })
  const unknown = await cairn(['stats', '--min', 'units=1', ...workspace])
  expect(unknown.code).not.toBe(0)
  expect(unknown.stderr).toContain('There is "Unit check". Built in are verification,')
  expect((await cairn(['models', 'queue', '--count', '0', ...workspace])).stderr).toContain('--count 0 is no')
  expect((await cairn(['behaviours', 'remove', 'unit check', ...workspace])).code).toBe(0)
  expect((await cairn(['behaviours', 'list', '--json', ...workspace])).stdout.trim()).toBe('[]')
  await rm(folder, { recursive: true })
})
