import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { importFiles, openEngine, temporaryFolder } from './support.ts'

it('tells how far a filter is that looks at the metadata of every trace', async () => {
  const folder = temporaryFolder()
  const opened = openEngine(join(folder, 'workspace'))
  try {
    const count = 45_000
    const file = join(folder, 'rollouts.jsonl')
    const rows = Array.from({ length: count }, (_, id) =>
      JSON.stringify({ id, prompt: 'What is it?', response: `It is ${id}.`, difficulty: id % 1000 }),
    )
    writeFileSync(file, rows.join('\n'))
    await importFiles(opened.client, [file])
    const told: { done: number; total: number }[] = []
    opened.client.on('traces.reading', (progress) => told.push(progress))
    const filter = { metadata: [{ path: 'difficulty', op: '>=' as const, value: 999 }] }
    const ids = await opened.client.call('traces.ids', { filter, limit: 1000 })
    expect([...ids]).toEqual(Array.from({ length: 45 }, (_, at) => 1000 * (at + 1)))
    expect(told.map(({ total }) => total)).toEqual(told.map(() => count))
    expect(told.map(({ done }) => done)).toEqual([20_000, 40_000, count])
  } finally {
    await opened.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

it('has the first page of a new filter without looking at every trace, the same as after it', async () => {
  const folder = temporaryFolder()
  const opened = openEngine(join(folder, 'workspace'))
  const { call } = opened.client
  try {
    const file = join(folder, 'rollouts.jsonl')
    const rows = Array.from({ length: 45_000 }, (_, id) =>
      JSON.stringify({
        id,
        prompt: 'What is it?',
        response: `It is ${id}.`,
        difficulty: id % 1000,
        part: id >> 13,
      }),
    )
    writeFileSync(file, rows.join('\n'))
    await importFiles(opened.client, [file])
    const told: unknown[] = []
    opened.client.on('traces.reading', (progress) => told.push(progress))
    const condition = (path: string, op: '<' | '>=', value: number) => ({ metadata: [{ path, op, value }] })
    const page = async (filter: object) =>
      (await call('traces.list', { filter, limit: 100 })).map(({ id }) => id)
    const wide = condition('difficulty', '<', 500)
    const first = await page(wide)
    expect(first).toEqual(Array.from({ length: 100 }, (_, at) => at + 1))
    expect(told).toEqual([])
    expect(await call('traces.count', { filter: wide })).toBe(22_500)
    expect(told).toHaveLength(3)
    expect(await page(wide)).toEqual(first)
    // Rare at the start: all are looked at.
    const late = await page(condition('part', '>=', 2))
    expect(late).toEqual(Array.from({ length: 100 }, (_, at) => (2 << 13) + at + 1))
    expect(await page(condition('part', '>=', 4))).toEqual(
      Array.from({ length: 100 }, (_, at) => (4 << 13) + at + 1),
    )
    expect(told).toHaveLength(6)
  } finally {
    await opened.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
