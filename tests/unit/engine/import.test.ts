import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { hasSharedData, SHARED_DATA } from '../shared-data.ts'
import { engineFor } from './engine-for.ts'
import { addsUp } from './import-support.ts'
import { importFiles, type ImportResult } from './support.ts'

const opened = engineFor('test')

/** Entries of a folder that are imported as one thing: files, and folders that make records together. */
function inputs(root: string): string[] {
  return readdirSync(root, { withFileTypes: true }).flatMap((entry) => {
    const path = join(root, entry.name)
    if (/^LICENSE/.test(entry.name)) return []
    if (!entry.isDirectory()) return [path]
    return readdirSync(path).some((name) => /^problem_\d+$/.test(name)) ? [path] : inputs(path)
  })
}

/**
 * All files once, again, and each compressed: nothing but the first adds anything. One job for all of
 * them, because each starts a thread.
 */
async function importThrice(paths: string[], root: string): Promise<ImportResult> {
  const { client } = opened
  const first = await importFiles(client, paths, { run: 'r' })
  for (const result of [first, ...first.files]) addsUp(result)
  expect(first.failures).toEqual([])
  const traces = await client.call('traces.count', {})
  expect(traces).toBe(first.imported)
  const sources = await client.call('workspace.sources', {})
  const again = await importFiles(client, paths, { run: 'r' })
  const sizes = (result: ImportResult) =>
    result.files.map(({ file, read, rejected }) => [
      file.split('/').at(-1)!.replace(/\.gz$/, ''),
      read,
      rejected,
    ])
  expect(again.imported).toBe(0)
  expect(sizes(again)).toEqual(sizes(first))
  // The same files a second time make no second sources.
  expect(await client.call('workspace.sources', {})).toEqual(sources)

  // Folders above a file may name its checkpoint, so they are kept.
  const single = paths.filter((path) => statSync(path).isFile() && !path.endsWith('.eval'))
  const packed = single.map((path) => {
    const gz = join(opened.folder, 'packed', `${relative(root, path)}.gz`)
    mkdirSync(dirname(gz), { recursive: true })
    writeFileSync(gz, gzipSync(readFileSync(path), { level: 1 }))
    return gz
  })
  const compressed = await importFiles(client, packed, { run: 'r' })
  for (const result of compressed.files) addsUp(result)
  expect(compressed.files.filter(({ imported }) => imported > 0)).toEqual([])
  const names = new Set(single.map((path) => path))
  expect(sizes(compressed)).toEqual(
    sizes({ ...first, files: first.files.filter(({ file }) => names.has(file)) }),
  )
  expect(await client.call('traces.count', {})).toBe(traces)
  expect(await client.call('workspace.check', {})).toEqual({ ok: true, problems: [] })
  return first
}

const FIXTURES = join(import.meta.dirname, '../../fixtures/shapes')

it('every fixture imports, once', async () => {
  const files = readdirSync(FIXTURES).map((name) => join(FIXTURES, name))
  const { files: results, rejected } = await importThrice(files, FIXTURES)
  expect(results.map(({ file }) => file)).toEqual(files)
  expect(results.filter(({ read }) => read === 0)).toEqual([])
  // A conversation without an answer, and two requests that failed.
  expect(rejected).toBe(3)
})

describe.skipIf(!hasSharedData)('real files', () => {
  /** Problems without responses, and a log whose only sample failed: no rollouts, and said to be none. */
  const WITHOUT_TRACES = /countdown_problems_list_column|log_tool_call_error/

  it('all import, once', async () => {
    const all = [...inputs(join(SHARED_DATA, 'traces')), ...inputs(join(SHARED_DATA, 'formats'))]
    const { files, imported } = await importThrice(
      all.filter((file) => !WITHOUT_TRACES.test(file)),
      SHARED_DATA,
    )
    expect(imported).toBeGreaterThan(8000)
    for (const { file, read, rejected } of files) {
      expect(read, file).toBeGreaterThan(0)
      expect(rejected, file).toBe(0)
    }
  })

  it('without traces are said to be so', async () => {
    const all = inputs(join(SHARED_DATA, 'formats')).filter((file) => WITHOUT_TRACES.test(file))
    expect(all).toHaveLength(2)
    const result = await importFiles(opened.client, all)
    addsUp(result)
    expect(result.imported).toBe(0)
    expect(result.failures.length + result.rejected).toBeGreaterThanOrEqual(2)
  })
})
